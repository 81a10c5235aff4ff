-- What was usual by each moment: how many opportunities had been opened with an amount, and the sum of its logarithms.
--
-- Input: stage_events, moments(snapshot). An opportunity counts with its first amount, from when it was recorded.
WITH steps AS (
    SELECT amount, happened_at, recorded_at, row_number() OVER (PARTITION BY opportunity_id ORDER BY happened_at, seq) AS place
    FROM stage_events
),
opened AS (
    SELECT ln(CAST(amount AS DOUBLE)) AS size,
           CAST(floor(epoch(greatest(happened_at, coalesce(recorded_at, happened_at)))) AS BIGINT) AS known
    FROM steps
    WHERE place = 1 AND amount > 0
),
turns AS (
    SELECT snapshot, lag(snapshot) OVER (ORDER BY snapshot) AS before FROM moments
),
fresh AS (
    SELECT turns.snapshot, count(*) AS opportunities, sum(opened.size) AS sizes
    FROM turns
    JOIN opened ON opened.known <= turns.snapshot AND (turns.before IS NULL OR opened.known > turns.before)
    GROUP BY turns.snapshot
)
SELECT moments.snapshot,
       coalesce(sum(fresh.opportunities) OVER (ORDER BY moments.snapshot ROWS UNBOUNDED PRECEDING), 0) AS opportunities,
       coalesce(sum(fresh.sizes) OVER (ORDER BY moments.snapshot ROWS UNBOUNDED PRECEDING), 0) AS sizes
FROM moments
LEFT JOIN fresh ON fresh.snapshot = moments.snapshot
