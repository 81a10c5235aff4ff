-- For each segment and day: how many opportunities were opened, won and lost, and what the won ones were worth.
--
-- Input: stage_events, opportunities (by episodes, last_known), segments(opportunity_id, segment); parameters $as_of, $known_at.
-- `day` counts from 1970-01-01, in UTC. A close that was undone within 30 days did not happen; a later re-opening opens again.
WITH happened AS (
    SELECT opportunity_id, CAST(floor(opened_at / 86400) AS INTEGER) AS day, 'opened' AS what, 0 AS amount
    FROM episodes
    UNION ALL
    SELECT episodes.opportunity_id, CAST(floor(episodes.ended_at / 86400) AS INTEGER), episodes.outcome,
           CASE WHEN episodes.outcome = 'won' THEN coalesce(last_known.amount, 0) ELSE 0 END
    FROM episodes
    JOIN last_known ON last_known.opportunity_id = episodes.opportunity_id
    WHERE episodes.outcome <> 'undecided'
)
SELECT segments.segment, happened.day,
       count(*) FILTER (WHERE happened.what = 'opened') AS opened,
       count(*) FILTER (WHERE happened.what = 'won') AS won,
       count(*) FILTER (WHERE happened.what = 'lost') AS lost,
       sum(happened.amount) AS won_amount
FROM happened
JOIN segments ON segments.opportunity_id = happened.opportunity_id
WHERE segments.segment IS NOT NULL
GROUP BY segments.segment, happened.day
ORDER BY segments.segment, happened.day
