-- For each stage: how many opportunities stayed so many whole days in it (all their stays added up), and whether they left.
--
-- Input: stage_events (by stage_visits); parameters $as_of, $known_at. Time on hold is not time in a stage. A stage that was
-- skipped has no stay. `staying` counts those still open in it: their time is not over. `late` counts those whose observation
-- began after so many days in the stage. `entries` counts how often they came in.
WITH stays AS (
    SELECT stage_id, is_there, entries, CAST(floor(seconds / 86400) AS INTEGER) AS days,
           CASE WHEN seconds_unwatched > 0 THEN CAST(floor(seconds_unwatched / 86400) AS INTEGER) END AS late_days
    FROM stage_visits
),
counted AS (
    SELECT stage_id, days, is_there, entries, 0 AS is_late FROM stays WHERE late_days IS NULL OR days > late_days
    UNION ALL
    SELECT stage_id, late_days, is_there, 0, 1 FROM stays WHERE days > late_days
)
SELECT stage_id, days,
       count(*) FILTER (WHERE is_late = 0 AND is_there = 0) AS left_stage,
       count(*) FILTER (WHERE is_late = 0 AND is_there = 1) AS staying,
       count(*) FILTER (WHERE is_late = 1) AS late,
       sum(entries) AS entries
FROM counted
GROUP BY stage_id, days
ORDER BY stage_id, days
