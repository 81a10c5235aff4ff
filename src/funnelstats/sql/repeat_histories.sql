-- Distinct purchase histories and how many customers have each: all that the model of repeat orders needs.
--
-- Input: purchases(customer_id, first_on, last_on, orders). Parameters: $as_of, a date; $grain: days are rounded to
-- multiples of it (1 keeps them exact, 7 leaves a few hundred thousand histories of any number of customers). Weeks out.
SELECT orders - 1 AS frequency,
       round(date_diff('day', first_on, last_on) * 1.0 / $grain) * $grain / 7.0 AS recency,
       round(date_diff('day', first_on, $as_of) * 1.0 / $grain) * $grain / 7.0 AS age,
       count(*) AS customers
FROM purchases
WHERE orders > 0
GROUP BY orders - 1,
         round(date_diff('day', first_on, last_on) * 1.0 / $grain) * $grain / 7.0,
         round(date_diff('day', first_on, $as_of) * 1.0 / $grain) * $grain / 7.0
