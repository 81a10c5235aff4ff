-- What orders without an opportunity were worth: amounts in classes two per cent wide, with how many and their sum.
--
-- Input: customer_orders(segment, customer_id, happened_on, amount, is_repeat); parameters $as_of and $since, moments. Returns and
-- other amounts of zero and less are left out.
SELECT segment, CAST(floor(ln(CAST(amount AS DOUBLE)) * 50) AS INTEGER) AS level, count(*) AS orders, sum(amount) AS amount
FROM customer_orders
WHERE is_repeat AND amount > 0
      AND happened_on < CAST(CAST($as_of AS TIMESTAMPTZ) AS DATE) AND happened_on >= CAST(CAST($since AS TIMESTAMPTZ) AS DATE)
GROUP BY 1, 2
ORDER BY 1, 2
