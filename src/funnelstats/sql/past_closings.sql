-- Every close that ever became known: who sold, to whom, whether it was won, and since when one knows.
--
-- Input: stage_events, opportunities (customer). All opportunities, not only a sample. Seconds are since 1970.
WITH steps AS (
    SELECT opportunity_id, owner_id, state, amount, happened_at, recorded_at,
           lag(state) OVER (PARTITION BY opportunity_id ORDER BY happened_at, seq) AS state_before
    FROM stage_events
)
SELECT steps.opportunity_id, steps.owner_id, opportunities.customer_id, CASE WHEN steps.state = 'won' THEN 1 ELSE 0 END AS won,
       CAST(floor(epoch(greatest(steps.happened_at, coalesce(steps.recorded_at, steps.happened_at)))) AS BIGINT) AS known
FROM steps
LEFT JOIN opportunities ON opportunities.opportunity_id = steps.opportunity_id
WHERE steps.state IN ('won', 'lost') AND (steps.state_before IS NULL OR steps.state_before NOT IN ('won', 'lost'))
