-- How the pipeline of a period changed between two snapshots, in parts that always add up, for each slice of the company.
--
-- Input: snapshots(taken_at, opportunity_id, slice, state, amount, expected_on, original_amount, original_currency); `slice` is
-- whatever one looks at apart (the owner, the team; one constant for the whole company). Parameters: $earlier and $later, two
-- moments taken; $period_start, $period_end, half-open dates. An opportunity counts at a moment when it is open (or on hold)
-- and expected within. Each walks one path: it comes in at its old amount, then the amount changes (both in the slice it was
-- in), then it moves to another slice, then it leaves at the new amount. One made and closed in between books in and out.
-- Where amounts have an original currency everything is told at the earlier snapshot's rate, and what rates did to those that
-- stay is a line of its own. Moves between slices add up to nothing, and all slices together are the company.
WITH before AS (
    SELECT opportunity_id, slice, amount, expected_on, CASE state WHEN 'on_hold' THEN 'open' ELSE state END AS state,
           original_amount, original_currency
    FROM snapshots
    WHERE taken_at = CAST($earlier AS TIMESTAMPTZ)
),
after AS (
    SELECT opportunity_id, slice, amount, expected_on, CASE state WHEN 'on_hold' THEN 'open' ELSE state END AS state,
           original_amount, original_currency
    FROM snapshots
    WHERE taken_at = CAST($later AS TIMESTAMPTZ)
),
pairs AS (
    SELECT before.opportunity_id IS NOT NULL AS was_there,
           after.opportunity_id IS NOT NULL AS is_there,
           coalesce(before.slice, after.slice) AS old_slice,
           coalesce(after.slice, before.slice) AS new_slice,
           coalesce(before.amount, 0) AS old_amount,
           coalesce(after.amount, before.amount, 0) AS new_amount,
           CASE WHEN before.original_amount > 0 AND after.original_amount IS NOT NULL AND before.amount IS NOT NULL
                     AND before.original_currency = after.original_currency
                THEN CAST(round(CAST(CAST(after.original_amount AS DOUBLE) * CAST(before.amount AS DOUBLE)
                                     / CAST(before.original_amount AS DOUBLE) AS DECIMAL(30, 8)), 4) AS DECIMAL(19, 4))
                ELSE coalesce(after.amount, before.amount, 0) END AS same_rate_amount,
           coalesce(before.state = 'open', FALSE) AS was_open,
           coalesce(before.state IN ('won', 'lost'), FALSE) AS was_closed,
           coalesce(after.state, 'removed') AS new_state,
           coalesce(before.state = 'open' AND before.expected_on >= $period_start AND before.expected_on < $period_end, FALSE)
               AS was_in,
           coalesce(after.expected_on >= $period_start AND after.expected_on < $period_end, FALSE) AS expected_in
    FROM before
    FULL OUTER JOIN after ON after.opportunity_id = before.opportunity_id
),
walks AS (
    SELECT old_slice, new_slice, old_amount, new_amount, same_rate_amount, new_state, expected_in, is_there,
           CASE WHEN was_in THEN 'opening'
                WHEN NOT was_there THEN 'new'
                WHEN was_open THEN 'pulled_in'
                WHEN was_closed AND new_state = 'open' THEN 'reopened' END AS entry
    FROM pairs
    WHERE was_in OR expected_in
),
steps AS (
    SELECT old_slice AS slice, entry AS part, old_amount AS amount FROM walks WHERE entry <> 'new'
    UNION ALL
    SELECT new_slice, 'new', new_amount FROM walks WHERE entry = 'new'
    UNION ALL
    SELECT old_slice, CASE WHEN same_rate_amount > old_amount THEN 'increased' ELSE 'decreased' END, same_rate_amount - old_amount
    FROM walks
    WHERE entry <> 'new' AND is_there AND same_rate_amount <> old_amount
    UNION ALL
    SELECT old_slice, 'moved_out', -same_rate_amount FROM walks WHERE entry <> 'new' AND is_there AND old_slice <> new_slice
    UNION ALL
    SELECT new_slice, 'moved_in', same_rate_amount FROM walks WHERE entry <> 'new' AND is_there AND old_slice <> new_slice
    UNION ALL
    SELECT new_slice, new_state, -CASE WHEN entry = 'new' THEN new_amount ELSE same_rate_amount END
    FROM walks
    WHERE entry IS NOT NULL AND new_state IN ('won', 'lost')
    UNION ALL
    SELECT new_slice, 'slipped', -same_rate_amount FROM walks WHERE entry = 'opening' AND new_state = 'open' AND NOT expected_in
    UNION ALL
    SELECT old_slice, 'removed', -old_amount FROM walks WHERE entry = 'opening' AND new_state = 'removed'
    UNION ALL
    SELECT new_slice, 'fx', new_amount - same_rate_amount
    FROM walks
    WHERE entry <> 'new' AND new_state = 'open' AND expected_in AND new_amount <> same_rate_amount
    UNION ALL
    SELECT new_slice, 'closing', new_amount FROM walks WHERE new_state = 'open' AND expected_in
)
SELECT slice, part, count(*) AS opportunities, sum(amount) AS amount
FROM steps
GROUP BY slice, part
ORDER BY slice, part
