-- What decided opportunities were worth: amounts in classes two per cent wide, with how many were won and lost, and the won sum.
--
-- Input: stage_events, opportunities (by episodes, last_known), segments(opportunity_id, segment); parameters $as_of, $known_at and
-- $since, a moment: only opportunities that were decided after it.
SELECT segments.segment, CAST(floor(ln(CAST(last_known.amount AS DOUBLE)) * 50) AS INTEGER) AS level,
       count(*) FILTER (WHERE episodes.outcome = 'won') AS won,
       count(*) FILTER (WHERE episodes.outcome = 'lost') AS lost,
       coalesce(sum(last_known.amount) FILTER (WHERE episodes.outcome = 'won'), 0) AS won_amount
FROM episodes
JOIN last_known ON last_known.opportunity_id = episodes.opportunity_id
JOIN segments ON segments.opportunity_id = episodes.opportunity_id
WHERE episodes.outcome <> 'undecided' AND last_known.amount > 0 AND segments.segment IS NOT NULL
      AND episodes.ended_at > CAST(floor(epoch(CAST($since AS TIMESTAMPTZ))) AS BIGINT)
GROUP BY 1, 2
ORDER BY 1, 2
