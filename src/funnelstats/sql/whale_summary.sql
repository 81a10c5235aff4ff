-- The whale curve in one row: total, peak, and what the best and the worst customers bring.
--
-- Input: customers(customer_id, value) with value = net profit, losses negative. Parameters: $best, $worst, shares of the
-- customers such as 0.2 and 0.3 (rounded up). The peak is the sum of all that is positive: ranked from the best, the
-- running sum turns where values do. Ties are broken by id.
WITH ranked AS (
    SELECT value, row_number() OVER (ORDER BY value DESC, customer_id) AS place, count(*) OVER () AS customers_in_all
    FROM customers
)
SELECT count(*) AS customers,
       coalesce(sum(value), 0) AS total,
       coalesce(sum(CASE WHEN value > 0 THEN value END), 0) AS peak,
       count(CASE WHEN value > 0 THEN 1 END) AS peak_customers,
       coalesce(sum(CASE WHEN place <= ceil($best * customers_in_all) THEN value END), 0) AS best,
       coalesce(sum(CASE WHEN place > customers_in_all - ceil($worst * customers_in_all) THEN value END), 0) AS worst
FROM ranked
