-- Payback of each source: the first day on which what came in from it, cumulated, covers what had been spent until then.
--
-- Input: flows(source_id, happened_on, cost, margin): money spent on the source, or margin collected from it, by day.
-- NULL = not paid back yet. Days are counted from the first money spent. A source that later spends more than it has
-- brought is not paid back: the day is the one after which it stays covered.
WITH days AS (
    SELECT source_id, happened_on, sum(cost) AS cost, sum(margin) AS margin
    FROM flows
    GROUP BY source_id, happened_on
),
running AS (
    SELECT source_id, happened_on,
           sum(coalesce(margin, 0) - coalesce(cost, 0)) OVER (PARTITION BY source_id ORDER BY happened_on) AS balance,
           min(CASE WHEN cost > 0 THEN happened_on END) OVER (PARTITION BY source_id) AS began_on
    FROM days
),
uncovered AS (
    SELECT source_id, began_on,
           max(CASE WHEN balance < 0 THEN happened_on END) AS last_uncovered_on
    FROM running
    GROUP BY source_id, began_on
)
SELECT u.source_id, u.began_on,
       min(r.happened_on) AS paid_back_on,
       date_diff('day', u.began_on, min(r.happened_on)) AS payback_days
FROM uncovered u
LEFT JOIN running r ON r.source_id = u.source_id
    AND (u.last_uncovered_on IS NULL OR r.happened_on > u.last_uncovered_on)
WHERE u.began_on IS NOT NULL
GROUP BY u.source_id, u.began_on
ORDER BY u.source_id
