-- Orders that come without an opportunity: how many per segment and day, worth how much, and how many customers came.
--
-- Input: customer_orders(segment, customer_id, happened_on, amount, is_repeat): every order with the mark whether it came without
-- an opportunity; parameter $as_of. `day` counts from 1970-01-01. `customers` counts customers on their first order of any kind.
WITH known AS (
    SELECT segment, is_repeat, amount, CAST(happened_on - CAST('1970-01-01' AS DATE) AS INTEGER) AS day,
           row_number() OVER (PARTITION BY segment, customer_id ORDER BY happened_on) AS place
    FROM customer_orders
    WHERE happened_on < CAST(CAST($as_of AS TIMESTAMPTZ) AS DATE)
)
SELECT segment, day, count(*) FILTER (WHERE is_repeat) AS orders, coalesce(sum(amount) FILTER (WHERE is_repeat), 0) AS amount,
       count(*) FILTER (WHERE place = 1) AS customers
FROM known
GROUP BY segment, day
ORDER BY segment, day
