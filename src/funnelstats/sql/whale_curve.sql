-- Points of the whale curve: cumulated profit of the best customers, in money (a share would change its sign where the
-- total is not positive).
--
-- Input: customers(customer_id, value) with value = net profit, losses negative. Parameter $points: about how many points
-- to return, evenly spaced by rank; the last customer and the peak are always among them. Ties are broken by id.
WITH ranked AS (
    SELECT customer_id, value,
           row_number() OVER (ORDER BY value DESC, customer_id) AS place,
           sum(value) OVER (ORDER BY value DESC, customer_id ROWS UNBOUNDED PRECEDING) AS running,
           count(*) OVER () AS customers_in_all,
           lead(value) OVER (ORDER BY value DESC, customer_id) AS next_value
    FROM customers
)
SELECT place, customer_id, value, running
FROM ranked
WHERE floor(place * 1.0 * $points / customers_in_all) > floor((place - 1) * 1.0 * $points / customers_in_all)
   OR place = customers_in_all
   OR (value > 0 AND next_value <= 0)
ORDER BY place
