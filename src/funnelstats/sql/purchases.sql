-- What each customer bought up to a day: first and last day, number of days with an order, value and margin.
--
-- Input: transactions(customer_id, happened_on, amount, margin), see schemas. Parameter $as_of, a date.
-- Several invoices of one day are one order; a day whose returns outweigh its sales is none (its money still counts).
WITH days AS (
    SELECT customer_id, happened_on, sum(amount) AS amount, sum(margin) AS margin
    FROM transactions
    WHERE happened_on <= $as_of
    GROUP BY customer_id, happened_on
)
SELECT customer_id,
       min(CASE WHEN amount > 0 THEN happened_on END) AS first_on,
       max(CASE WHEN amount > 0 THEN happened_on END) AS last_on,
       count(CASE WHEN amount > 0 THEN 1 END) AS orders,
       sum(amount) AS amount,
       sum(margin) AS margin
FROM days
GROUP BY customer_id
