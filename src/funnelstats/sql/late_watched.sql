-- Opportunities whose observation began in the middle of their life, and the second it did (left truncation).
--
-- Input: opportunities(observed_from). Had they been decided before, they would not be here: they are at risk only from then on.
SELECT opportunity_id, CAST(floor(epoch(observed_from)) AS BIGINT) AS watched_from
FROM opportunities
WHERE observed_from IS NOT NULL
