-- Class of each customer by cumulative share of value: A = the smallest set that reaches the first share, B the second, C the rest.
--
-- Input: customers(customer_id, value). Parameters: $first, $second (shares such as 0.7 and 0.9).
-- The customer that crosses a threshold is in the higher class; ties are broken by id, so that the answer does not depend
-- on the order of rows. Values of zero and less are class N and outside the total.
WITH ranked AS (
    SELECT customer_id, value,
           sum(value) OVER (ORDER BY value DESC, customer_id ROWS UNBOUNDED PRECEDING) AS running,
           sum(value) OVER () AS total
    FROM customers
    WHERE value > 0
)
SELECT customer_id, value,
       CASE WHEN running - value < $first * total THEN 'A' WHEN running - value < $second * total THEN 'B' ELSE 'C' END AS class,
       running / total AS cumulative_share
FROM ranked
UNION ALL
SELECT customer_id, value, 'N' AS class, NULL AS cumulative_share FROM customers WHERE value <= 0
