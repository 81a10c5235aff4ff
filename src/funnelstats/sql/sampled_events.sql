-- The history of a fixed sample of opportunities, times in seconds since 1970.
--
-- Input: stage_events; parameter $below, hexadecimal digits: an opportunity is in when the MD5 of its id is below ('g': all are).
-- The same opportunities are in on every engine and at every moment.
SELECT opportunity_id, seq, CAST(floor(epoch(happened_at)) AS BIGINT) AS happened,
       CAST(floor(epoch(coalesce(recorded_at, happened_at))) AS BIGINT) AS recorded,
       stage_id, state, amount, CAST(expected_on - CAST('1970-01-01' AS DATE) AS INTEGER) AS expected_day, owner_id, probability
FROM stage_events
WHERE md5(CAST(opportunity_id AS VARCHAR)) < $below
