-- How the pipeline of a period changed between two snapshots, in parts that always add up.
--
-- Input: snapshots(moment, opportunity_id, amount, expected_on, state) with moment 0 (earlier) and 1 (later), one row per
--        opportunity and moment; state 'open', 'won' or 'lost' (dropped counts as lost, on hold as open).
-- Parameters: $period_start, $period_end, half-open. An opportunity counts at a moment when it is open and expected within.
-- Each opportunity walks one path: first its amount changes (booked where it stood), then it leaves at the new amount; one
-- that comes in comes at its old amount, and changes then. One made and closed in between books in and out.
WITH pairs AS (
    SELECT coalesce(later.opportunity_id, earlier.opportunity_id) AS opportunity_id,
           earlier.opportunity_id IS NOT NULL AS was_there,
           later.opportunity_id IS NOT NULL AS is_there,
           coalesce(earlier.amount, 0) AS old_amount,
           coalesce(later.amount, earlier.amount) AS new_amount,
           coalesce(earlier.state = 'open', FALSE) AS was_open,
           coalesce(earlier.state IN ('won', 'lost'), FALSE) AS was_closed,
           coalesce(later.state, 'removed') AS new_state,
           coalesce(earlier.state = 'open' AND earlier.expected_on >= $period_start AND earlier.expected_on < $period_end, FALSE) AS was_in,
           coalesce(later.expected_on >= $period_start AND later.expected_on < $period_end, FALSE) AS expected_in
    FROM (SELECT * FROM snapshots WHERE moment = 0) AS earlier
    FULL OUTER JOIN (SELECT * FROM snapshots WHERE moment = 1) AS later ON later.opportunity_id = earlier.opportunity_id
),
steps AS (
    SELECT opportunity_id, 'opening' AS part, old_amount AS amount FROM pairs WHERE was_in
    UNION ALL
    SELECT opportunity_id, 'new', new_amount FROM pairs WHERE NOT was_there AND expected_in
    UNION ALL
    SELECT opportunity_id, 'pulled_in', old_amount FROM pairs
    WHERE was_open AND NOT was_in AND is_there AND expected_in
    UNION ALL
    SELECT opportunity_id, 'reopened', old_amount FROM pairs WHERE was_closed AND new_state = 'open' AND expected_in
    UNION ALL
    SELECT opportunity_id, CASE WHEN new_amount > old_amount THEN 'increased' ELSE 'decreased' END, new_amount - old_amount
    FROM pairs
    WHERE new_amount <> old_amount AND is_there AND was_there
          AND (was_in OR (was_open AND expected_in) OR (was_closed AND new_state = 'open' AND expected_in))
    UNION ALL
    SELECT opportunity_id, new_state, -new_amount FROM pairs
    WHERE new_state IN ('won', 'lost') AND (was_in OR (was_open AND expected_in) OR (NOT was_there AND expected_in))
    UNION ALL
    SELECT opportunity_id, 'slipped', -new_amount FROM pairs WHERE was_in AND new_state = 'open' AND NOT expected_in
    UNION ALL
    SELECT opportunity_id, 'removed', -old_amount FROM pairs WHERE was_in AND new_state = 'removed'
    UNION ALL
    SELECT opportunity_id, 'closing', new_amount FROM pairs WHERE new_state = 'open' AND expected_in
)
SELECT part, count(*) AS opportunities, sum(amount) AS amount
FROM steps
GROUP BY part
ORDER BY part
