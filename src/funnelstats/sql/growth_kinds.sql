-- Most valuable, most growable, below zero, other: each customer by value and by how far it is from its potential.
--
-- Input: customers(customer_id, value, peer, loss_chance): lifetime value; the group of alike customers (industry and
-- size); the probability that the value stays negative after the best feasible action (NULL: as the value's sign says).
-- Potential is the 90th percentile of the value among the peers. In this order where several hold: below zero when the
-- chance of a loss exceeds $loss_chance; most valuable = the best tenth; most growable = positive value and the unused
-- potential among the largest fifth (Peppers and Rogers, Managing Customer Relationships, ch. 5).
WITH potentials AS (
    SELECT peer, percentile_cont(0.9) WITHIN GROUP (ORDER BY CAST(value AS DOUBLE)) AS potential
    FROM customers
    GROUP BY peer
),
gaps AS (
    SELECT c.customer_id, c.value, c.loss_chance, greatest(p.potential, c.value) AS potential,
           greatest(p.potential - c.value, 0) AS gap
    FROM customers c JOIN potentials p ON p.peer = c.peer
),
limits AS (
    SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY CAST(value AS DOUBLE)) AS valuable_from,
           percentile_cont(0.8) WITHIN GROUP (ORDER BY CAST(gap AS DOUBLE)) AS gap_from
    FROM gaps
)
SELECT customer_id, value, potential, gap,
       CASE WHEN coalesce(loss_chance, CASE WHEN value < 0 THEN 1 ELSE 0 END) > $loss_chance THEN 'below_zero'
            WHEN value >= valuable_from AND value > 0 THEN 'most_valuable'
            WHEN value > 0 AND gap > 0 AND gap >= gap_from THEN 'most_growable'
            ELSE 'other' END AS kind
FROM gaps CROSS JOIN limits
