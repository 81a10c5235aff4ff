-- Moves between stages in a period: from where to where, how many, worth how much.
--
-- Input: stage_events (by known_events), opportunities (amount as known now); parameters $as_of, $known_at, $period_start,
-- $period_end (half-open). A NULL stage to come from is the opening (or a re-opening); the outcome 'won' or 'lost' is where it went in the place of a stage.
SELECT CASE WHEN known_events.state_before IN ('won', 'lost') THEN NULL ELSE known_events.stage_before END AS from_stage,
       CASE WHEN known_events.state IN ('won', 'lost') THEN NULL ELSE known_events.stage_id END AS to_stage,
       CASE WHEN known_events.state IN ('won', 'lost') THEN known_events.state ELSE 'open' END AS outcome,
       count(*) AS moves,
       coalesce(sum(opportunities.amount), 0) AS amount
FROM known_events
LEFT JOIN opportunities ON opportunities.opportunity_id = known_events.opportunity_id
WHERE known_events.happened_at >= CAST($period_start AS TIMESTAMPTZ) AND known_events.happened_at < CAST($period_end AS TIMESTAMPTZ)
  AND (known_events.stage_before IS NULL OR known_events.stage_before <> known_events.stage_id
       OR (known_events.state IN ('won', 'lost')) <> (known_events.state_before IN ('won', 'lost')))
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
