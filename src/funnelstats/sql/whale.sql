-- The whale curve: cumulated profit of the best customers, in money (a share would change its sign where the total is not positive).
--
-- Input: customers(customer_id, value) with value = net profit, losses negative. Ties are broken by id.
SELECT row_number() OVER (ORDER BY value DESC, customer_id) AS place, customer_id, value,
       sum(value) OVER (ORDER BY value DESC, customer_id ROWS UNBOUNDED PRECEDING) AS running
FROM customers
ORDER BY place
