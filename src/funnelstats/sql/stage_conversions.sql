-- For each segment and stage: how many came further (a later stage, or won), were lost, or are undecided, by days since reached.
--
-- Input: stage_events, opportunities, stages (by reached_stages), segments; parameters $as_of, $known_at. Skipped stages count as
-- reached, moves back take nothing away. `late` as in stage_outcomes.
WITH observed AS (
    SELECT segments.segment, reached_stages.process_id, reached_stages.ordinal, reached_stages.fate,
           CAST(floor((reached_stages.left_at - reached_stages.reached_at) / 86400) AS INTEGER) AS days,
           CASE WHEN reached_stages.watched_from > reached_stages.reached_at
                THEN CAST(floor((reached_stages.watched_from - reached_stages.reached_at) / 86400) AS INTEGER) END AS late_days
    FROM reached_stages
    JOIN segments ON segments.opportunity_id = reached_stages.opportunity_id
    WHERE segments.segment IS NOT NULL
),
counted AS (
    SELECT segment, process_id, ordinal, days, fate, 0 AS is_late FROM observed WHERE late_days IS NULL OR days > late_days
    UNION ALL
    SELECT segment, process_id, ordinal, late_days, fate, 1 FROM observed WHERE days > late_days
)
SELECT segment, process_id, ordinal, days,
       count(*) FILTER (WHERE is_late = 0 AND fate = 'advanced') AS advanced,
       count(*) FILTER (WHERE is_late = 0 AND fate = 'lost') AS lost,
       count(*) FILTER (WHERE is_late = 0 AND fate = 'undecided') AS undecided,
       count(*) FILTER (WHERE is_late = 1) AS late
FROM counted
GROUP BY segment, process_id, ordinal, days
ORDER BY segment, process_id, ordinal, days
