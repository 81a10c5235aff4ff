-- Key customers: the smallest set that brings a share of what was collected, and those about to belong to it.
--
-- Input: customers(customer_id, collected, expected): collected revenue (or margin) of the last twelve months, and the
-- expected contribution of its open business (0 for none). Parameter $share, such as 0.8. Ties are broken by id. A target
-- customer is key when what it is expected to bring would put it among them: at least what the least of them brought.
WITH ranked AS (
    SELECT customer_id, collected, expected,
           sum(CASE WHEN collected > 0 THEN collected ELSE 0 END)
               OVER (ORDER BY collected DESC, customer_id ROWS UNBOUNDED PRECEDING) AS running,
           sum(CASE WHEN collected > 0 THEN collected ELSE 0 END) OVER () AS total
    FROM customers
),
marked AS (
    SELECT customer_id, collected, expected, total, collected > 0 AND running - collected < $share * total AS is_key
    FROM ranked
),
floors AS (
    SELECT min(collected) AS least FROM marked WHERE is_key
)
SELECT customer_id, collected, expected,
       CASE WHEN total > 0 THEN collected / total END AS share,
       is_key,
       NOT is_key AND collected + expected >= least AS is_becoming_key
FROM marked CROSS JOIN floors
WHERE is_key OR collected + expected >= least
ORDER BY collected DESC, customer_id
