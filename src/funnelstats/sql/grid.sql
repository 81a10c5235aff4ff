-- Customers on a grid of two axes, three bands each: how many, what they are worth, what effort they get.
--
-- Input: customers(customer_id, across, up, value, effort). Parameters: $across_low, $across_high, $up_low, $up_high: a
-- figure below the first limit is in band 1, below the second in band 2, else in band 3. Customers without one of the two
-- figures are in no cell.
SELECT CASE WHEN across < $across_low THEN 1 WHEN across < $across_high THEN 2 ELSE 3 END AS across_band,
       CASE WHEN up < $up_low THEN 1 WHEN up < $up_high THEN 2 ELSE 3 END AS up_band,
       count(*) AS customers,
       coalesce(sum(value), 0) AS value,
       coalesce(sum(effort), 0) AS effort
FROM customers
WHERE across IS NOT NULL AND up IS NOT NULL
GROUP BY CASE WHEN across < $across_low THEN 1 WHEN across < $across_high THEN 2 ELSE 3 END,
         CASE WHEN up < $up_low THEN 1 WHEN up < $up_high THEN 2 ELSE 3 END
ORDER BY across_band, up_band
