-- For each stage: how many opportunities stayed so many whole days in it (all their stays added up), and whether they left.
--
-- Input: stage_events as in stage_outcomes.sql; parameter $as_of. Time on hold is not time in a stage. A stage that was
-- skipped has no stay. `staying` counts opportunities that are still open in the stage: their time is not over.
WITH known AS (
    SELECT opportunity_id, happened_at, stage_id, state,
           lead(happened_at) OVER (PARTITION BY opportunity_id ORDER BY happened_at, seq) AS next_at
    FROM stage_events
    WHERE happened_at <= $as_of
),
stays AS (
    SELECT opportunity_id, stage_id,
           sum(EXTRACT(epoch FROM (coalesce(next_at, CAST($as_of AS TIMESTAMPTZ)) - happened_at))) AS seconds,
           max(CASE WHEN next_at IS NULL THEN 1 ELSE 0 END) AS is_there
    FROM known
    WHERE state = 'open'
    GROUP BY opportunity_id, stage_id
)
SELECT stage_id, CAST(floor(seconds / 86400) AS INTEGER) AS days,
       count(*) FILTER (WHERE is_there = 0) AS left_stage,
       count(*) FILTER (WHERE is_there = 1) AS staying
FROM stays
GROUP BY stage_id, CAST(floor(seconds / 86400) AS INTEGER)
ORDER BY stage_id, days
