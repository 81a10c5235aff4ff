-- How long and how large the history is: opportunities, how many of them were ever won and lost, and the first second.
--
-- Input: stage_events; parameters $as_of, $known_at.
SELECT count(DISTINCT opportunity_id) AS opportunities,
       count(DISTINCT CASE WHEN state = 'won' THEN opportunity_id END) AS won,
       count(DISTINCT CASE WHEN state = 'lost' THEN opportunity_id END) AS lost,
       CAST(floor(epoch(min(happened_at))) AS BIGINT) AS first
FROM stage_events
WHERE happened_at <= CAST($as_of AS TIMESTAMPTZ) AND coalesce(recorded_at, happened_at) <= CAST($known_at AS TIMESTAMPTZ)
