-- What each owner had won and lost by each moment, as known then.
--
-- Input: stage_events, opportunities (by past_closings), moments(snapshot). The owner NULL stands for opportunities of nobody.
WITH turns AS (
    SELECT snapshot, lag(snapshot) OVER (ORDER BY snapshot) AS before FROM moments
),
fresh AS (
    SELECT turns.snapshot, past_closings.owner_id, sum(past_closings.won) AS won, count(*) AS closed, max(past_closings.known) AS known
    FROM turns
    JOIN past_closings ON past_closings.known <= turns.snapshot AND (turns.before IS NULL OR past_closings.known > turns.before)
    GROUP BY turns.snapshot, past_closings.owner_id
),
owners AS (SELECT DISTINCT owner_id FROM fresh)
SELECT moments.snapshot, owners.owner_id,
       coalesce(sum(fresh.won) OVER (PARTITION BY owners.owner_id ORDER BY moments.snapshot ROWS UNBOUNDED PRECEDING), 0) AS won,
       coalesce(sum(fresh.closed) OVER (PARTITION BY owners.owner_id ORDER BY moments.snapshot ROWS UNBOUNDED PRECEDING), 0) AS closed,
       max(fresh.known) OVER (PARTITION BY owners.owner_id ORDER BY moments.snapshot ROWS UNBOUNDED PRECEDING) AS known
FROM moments
CROSS JOIN owners
LEFT JOIN fresh ON fresh.snapshot = moments.snapshot AND fresh.owner_id IS NOT DISTINCT FROM owners.owner_id
