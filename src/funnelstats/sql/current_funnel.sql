-- What is open at a moment, by stage: how many opportunities, worth how much, and how many of them have no amount.
--
-- Input: stage_events (by known_events), opportunities (amount as known now), stages; parameters $as_of, $known_at. What is on
-- hold is counted apart.
SELECT stages.process_id, stages.ordinal, known_events.stage_id,
       count(*) FILTER (WHERE known_events.state = 'open') AS opportunities,
       coalesce(sum(opportunities.amount) FILTER (WHERE known_events.state = 'open'), 0) AS amount,
       count(*) FILTER (WHERE known_events.state = 'open' AND opportunities.amount IS NULL) AS without_amount,
       count(*) FILTER (WHERE known_events.state = 'on_hold') AS on_hold
FROM known_events
JOIN stages ON stages.stage_id = known_events.stage_id
LEFT JOIN opportunities ON opportunities.opportunity_id = known_events.opportunity_id
WHERE known_events.until IS NULL AND known_events.state IN ('open', 'on_hold')
GROUP BY stages.process_id, stages.ordinal, known_events.stage_id
ORDER BY stages.process_id, stages.ordinal
