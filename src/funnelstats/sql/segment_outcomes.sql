-- For each segment: how many opportunities were won, lost, or are still undecided, by whole days since they were opened.
--
-- Input: stage_events, opportunities (by episodes), segments(opportunity_id, segment): a rep, team, product, kind, source, process
-- or nothing at all; opportunities without a segment are left out. Parameters $as_of, $known_at. `late` as in stage_outcomes.
WITH observed AS (
    SELECT segments.segment, episodes.outcome,
           CAST(floor((episodes.ended_at - episodes.opened_at) / 86400) AS INTEGER) AS days,
           CAST(floor((episodes.watched_from - episodes.opened_at) / 86400) AS INTEGER) AS late_days
    FROM episodes
    JOIN segments ON segments.opportunity_id = episodes.opportunity_id
    WHERE segments.segment IS NOT NULL
),
counted AS (
    SELECT segment, days, outcome, 0 AS is_late FROM observed WHERE days >= 0 AND (late_days IS NULL OR days > late_days)
    UNION ALL
    SELECT segment, late_days, outcome, 1 FROM observed WHERE days > late_days
)
SELECT segment, days,
       count(*) FILTER (WHERE is_late = 0 AND outcome = 'won') AS won,
       count(*) FILTER (WHERE is_late = 0 AND outcome = 'lost') AS lost,
       count(*) FILTER (WHERE is_late = 0 AND outcome = 'undecided') AS undecided,
       count(*) FILTER (WHERE is_late = 1) AS late
FROM counted
GROUP BY segment, days
ORDER BY segment, days
