-- Recency, frequency and money of each customer, each scored 1 (worst fifth) to 5 (best fifth).
--
-- Input: purchases(customer_id, first_on, last_on, orders, value). Parameters: $as_of, a date; $new_days: customers whose
-- first order is younger than that are new and not scored (NULL). Fifths are cut at quantiles of the values, not by
-- counting rows, so that equal customers have equal scores. Frequency is orders a year since the first order.
WITH facts AS (
    SELECT customer_id, value,
           date_diff('day', last_on, $as_of) AS recency_days,
           orders * 365.0 / greatest(date_diff('day', first_on, $as_of), 1) AS orders_a_year,
           date_diff('day', first_on, $as_of) < $new_days AS is_new
    FROM purchases
    WHERE orders > 0
),
limits AS (
    SELECT percentile_cont(0.2) WITHIN GROUP (ORDER BY recency_days) AS r1,
           percentile_cont(0.4) WITHIN GROUP (ORDER BY recency_days) AS r2,
           percentile_cont(0.6) WITHIN GROUP (ORDER BY recency_days) AS r3,
           percentile_cont(0.8) WITHIN GROUP (ORDER BY recency_days) AS r4,
           percentile_cont(0.2) WITHIN GROUP (ORDER BY orders_a_year) AS f1,
           percentile_cont(0.4) WITHIN GROUP (ORDER BY orders_a_year) AS f2,
           percentile_cont(0.6) WITHIN GROUP (ORDER BY orders_a_year) AS f3,
           percentile_cont(0.8) WITHIN GROUP (ORDER BY orders_a_year) AS f4,
           percentile_cont(0.2) WITHIN GROUP (ORDER BY CAST(value AS DOUBLE)) AS m1,
           percentile_cont(0.4) WITHIN GROUP (ORDER BY CAST(value AS DOUBLE)) AS m2,
           percentile_cont(0.6) WITHIN GROUP (ORDER BY CAST(value AS DOUBLE)) AS m3,
           percentile_cont(0.8) WITHIN GROUP (ORDER BY CAST(value AS DOUBLE)) AS m4
    FROM facts
    WHERE NOT is_new
)
SELECT customer_id, recency_days, orders_a_year, value,
       CASE WHEN is_new THEN NULL WHEN recency_days <= r1 THEN 5 WHEN recency_days <= r2 THEN 4 WHEN recency_days <= r3 THEN 3
            WHEN recency_days <= r4 THEN 2 ELSE 1 END AS recency,
       CASE WHEN is_new THEN NULL WHEN orders_a_year >= f4 THEN 5 WHEN orders_a_year >= f3 THEN 4 WHEN orders_a_year >= f2 THEN 3
            WHEN orders_a_year >= f1 THEN 2 ELSE 1 END AS frequency,
       CASE WHEN is_new THEN NULL WHEN value >= m4 THEN 5 WHEN value >= m3 THEN 4 WHEN value >= m2 THEN 3
            WHEN value >= m1 THEN 2 ELSE 1 END AS money
FROM facts CROSS JOIN limits
