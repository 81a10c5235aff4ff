-- For each stage: how many opportunities were won, lost, or are still undecided, by whole days since they first entered it.
--
-- Input: stage_events, opportunities (by episodes, stage_visits); parameters $as_of, $known_at. A stage that was skipped was not
-- entered: the rate is of those that stood in it. Days are rounded down. `late` counts opportunities whose observation only
-- began at that age; one that began and ended on the same day of its life says nothing and is left out.
WITH observed AS (
    SELECT stage_visits.stage_id, episodes.outcome,
           CAST(floor((episodes.ended_at - stage_visits.entered_at) / 86400) AS INTEGER) AS days,
           CASE WHEN episodes.watched_from > stage_visits.entered_at
                THEN CAST(floor((episodes.watched_from - stage_visits.entered_at) / 86400) AS INTEGER) END AS late_days
    FROM stage_visits
    JOIN episodes ON episodes.opportunity_id = stage_visits.opportunity_id AND episodes.episode = stage_visits.episode
),
counted AS (
    SELECT stage_id, days, outcome, 0 AS is_late FROM observed WHERE days >= 0 AND (late_days IS NULL OR days > late_days)
    UNION ALL
    SELECT stage_id, late_days, outcome, 1 FROM observed WHERE days > late_days
)
SELECT stage_id, days,
       count(*) FILTER (WHERE is_late = 0 AND outcome = 'won') AS won,
       count(*) FILTER (WHERE is_late = 0 AND outcome = 'lost') AS lost,
       count(*) FILTER (WHERE is_late = 0 AND outcome = 'undecided') AS undecided,
       count(*) FILTER (WHERE is_late = 1) AS late
FROM counted
GROUP BY stage_id, days
ORDER BY stage_id, days
