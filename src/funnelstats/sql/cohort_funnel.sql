-- For each month of entry and stage: how many opportunities, worth how much, reached it, and what became of them.
--
-- Input: stage_events, stages (by reached_stages), opportunities (amount as known now); parameters $as_of, $known_at. Months are
-- those of the engine's time zone. `advanced`, `lost`, `undecided`: what became of them in the stage; `won`: in the end.
SELECT CAST(date_trunc('month', reached_stages.opened) AS DATE) AS month, reached_stages.process_id, reached_stages.ordinal,
       count(*) AS reached,
       coalesce(sum(opportunities.amount), 0) AS amount,
       count(*) FILTER (WHERE reached_stages.fate = 'advanced') AS advanced,
       count(*) FILTER (WHERE reached_stages.fate = 'lost') AS lost,
       count(*) FILTER (WHERE reached_stages.fate = 'undecided') AS undecided,
       count(*) FILTER (WHERE reached_stages.outcome = 'won') AS won,
       coalesce(sum(opportunities.amount) FILTER (WHERE reached_stages.outcome = 'won'), 0) AS won_amount
FROM reached_stages
LEFT JOIN opportunities ON opportunities.opportunity_id = reached_stages.opportunity_id
GROUP BY 1, reached_stages.process_id, reached_stages.ordinal
ORDER BY 1, reached_stages.process_id, reached_stages.ordinal
