-- Open amounts by how long they are past due, one row per customer.
--
-- Input: open_items(customer_id, due_on, amount): what is open of each instalment; advances and credit notes are negative and
--        stand in a column of their own, never netted into the oldest item. Parameter $as_of, a date.
-- Buckets in days past due: not due (0 and less), 1-30, 31-60, 61-90, 91-180, 181-365, over 365.
SELECT customer_id,
       coalesce(sum(amount) FILTER (WHERE amount > 0 AND date_diff('day', due_on, CAST($as_of AS DATE)) <= 0), 0) AS not_due,
       coalesce(sum(amount) FILTER (WHERE amount > 0 AND date_diff('day', due_on, CAST($as_of AS DATE)) BETWEEN 1 AND 30), 0) AS days_1_30,
       coalesce(sum(amount) FILTER (WHERE amount > 0 AND date_diff('day', due_on, CAST($as_of AS DATE)) BETWEEN 31 AND 60), 0) AS days_31_60,
       coalesce(sum(amount) FILTER (WHERE amount > 0 AND date_diff('day', due_on, CAST($as_of AS DATE)) BETWEEN 61 AND 90), 0) AS days_61_90,
       coalesce(sum(amount) FILTER (WHERE amount > 0 AND date_diff('day', due_on, CAST($as_of AS DATE)) BETWEEN 91 AND 180), 0) AS days_91_180,
       coalesce(sum(amount) FILTER (WHERE amount > 0 AND date_diff('day', due_on, CAST($as_of AS DATE)) BETWEEN 181 AND 365), 0) AS days_181_365,
       coalesce(sum(amount) FILTER (WHERE amount > 0 AND date_diff('day', due_on, CAST($as_of AS DATE)) > 365), 0) AS over_365,
       coalesce(sum(amount) FILTER (WHERE amount < 0), 0) AS credits,
       coalesce(sum(amount), 0) AS total
FROM open_items
WHERE amount <> 0
GROUP BY customer_id
ORDER BY customer_id
