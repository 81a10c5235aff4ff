-- Tier of each customer by rank: the best $first share of customers, the next up to $second, the rest (about 2 : 3 : 5).
--
-- Input: customers(customer_id, value). Ties are broken by id. A customer is in a tier when its rank, counted from one, is
-- at most the share of the number of customers, rounded up: with ten customers and 0.2 the first two.
WITH ranked AS (
    SELECT customer_id, value,
           row_number() OVER (ORDER BY value DESC, customer_id) AS place,
           count(*) OVER () AS customers_in_all
    FROM customers
)
SELECT customer_id, value, place,
       CASE WHEN place <= ceil($first * customers_in_all) THEN 'strategic'
            WHEN place <= ceil($second * customers_in_all) THEN 'important'
            ELSE 'general' END AS tier
FROM ranked
