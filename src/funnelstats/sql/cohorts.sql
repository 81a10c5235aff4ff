-- Customers by the month of their first order: how many ordered again in each month after it, and for how much.
--
-- Input: transactions(customer_id, happened_on, amount). Parameter $as_of, a date. A month whose returns outweigh the
-- sales is not one with an order.
WITH months AS (
    SELECT customer_id, CAST(date_trunc('month', happened_on) AS DATE) AS month, sum(amount) AS amount
    FROM transactions
    WHERE happened_on <= $as_of
    GROUP BY customer_id, CAST(date_trunc('month', happened_on) AS DATE)
    HAVING sum(amount) > 0
),
firsts AS (
    SELECT customer_id, month, amount, min(month) OVER (PARTITION BY customer_id) AS cohort FROM months
)
SELECT cohort,
       (extract(year FROM month) - extract(year FROM cohort)) * 12 + extract(month FROM month) - extract(month FROM cohort) AS age,
       count(*) AS customers,
       sum(amount) AS amount
FROM firsts
GROUP BY cohort, (extract(year FROM month) - extract(year FROM cohort)) * 12 + extract(month FROM month) - extract(month FROM cohort)
ORDER BY cohort, age
