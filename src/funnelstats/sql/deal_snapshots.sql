-- One row per open opportunity and moment: what could be known of it then, and what became of it within the horizon.
--
-- Input: stage_events, stages, opportunities (customer), activities, moments(snapshot); parameters $below (a sample, see
-- sampled_events), $horizon_days, and $known_at, the moment up to which records tell the outcome. `outcome` is 'won', 'lost' or 'open' at
-- the end of the horizon, known since `outcome_known`; NULL where the horizon has not ended by $known_at. Pasts of owner and customer
-- count closes known by the moment, without the opportunity itself; `past_known` is the newest of them.
WITH ends AS (
    SELECT snapshot_states.snapshot, snapshot_states.opportunity_id, sampled_events.state,
           greatest(sampled_events.happened, sampled_events.recorded) AS known,
           row_number() OVER (PARTITION BY snapshot_states.snapshot, snapshot_states.opportunity_id
                              ORDER BY sampled_events.happened DESC, sampled_events.seq DESC) AS from_last
    FROM snapshot_states
    JOIN sampled_events ON sampled_events.opportunity_id = snapshot_states.opportunity_id
         AND sampled_events.happened <= snapshot_states.snapshot + $horizon_days * 86400
         AND sampled_events.recorded <= CAST(floor(epoch(CAST($known_at AS TIMESTAMPTZ))) AS BIGINT)
),
own AS (
    SELECT snapshot_states.snapshot, snapshot_states.opportunity_id, sum(past_closings.won) AS won, count(*) AS closed
    FROM snapshot_states
    JOIN past_closings ON past_closings.opportunity_id = snapshot_states.opportunity_id AND past_closings.known <= snapshot_states.snapshot
         AND past_closings.owner_id IS NOT DISTINCT FROM snapshot_states.owner_id
    GROUP BY snapshot_states.snapshot, snapshot_states.opportunity_id
),
bought AS (
    SELECT snapshot_states.snapshot, snapshot_states.opportunity_id, sum(past_closings.won) AS won, count(*) AS closed,
           max(past_closings.known) AS known
    FROM snapshot_states
    JOIN opportunities ON opportunities.opportunity_id = snapshot_states.opportunity_id
    JOIN past_closings ON past_closings.customer_id = opportunities.customer_id AND past_closings.known <= snapshot_states.snapshot
         AND past_closings.opportunity_id <> snapshot_states.opportunity_id
    GROUP BY snapshot_states.snapshot, snapshot_states.opportunity_id
),
worked AS (
    SELECT snapshot_states.snapshot, snapshot_states.opportunity_id, count(*) AS activities,
           max(CAST(floor(epoch(coalesce(activities.recorded_at, activities.happened_at))) AS BIGINT)) AS known
    FROM snapshot_states
    JOIN activities ON activities.opportunity_id = snapshot_states.opportunity_id AND coalesce(activities.state, 'done') = 'done'
         AND epoch(activities.happened_at) <= snapshot_states.snapshot AND epoch(activities.happened_at) > snapshot_states.snapshot - 28 * 86400
         AND epoch(coalesce(activities.recorded_at, activities.happened_at)) <= snapshot_states.snapshot
    GROUP BY snapshot_states.snapshot, snapshot_states.opportunity_id
),
everybody AS (
    SELECT snapshot, sum(won) AS won, sum(closed) AS closed FROM owner_pasts GROUP BY snapshot
),
heights AS (
    SELECT process_id, max(ordinal) AS stages FROM stages GROUP BY process_id
)
SELECT snapshot_states.snapshot, snapshot_states.opportunity_id, snapshot_states.stage_id, snapshot_states.ordinal, heights.stages,
       snapshot_states.snapshot - snapshot_states.opened AS age, snapshot_states.snapshot - snapshot_states.entered AS time_in_stage,
       snapshot_states.moves, snapshot_states.back_moves, snapshot_states.skips, snapshot_states.pushes,
       snapshot_states.expected_day, snapshot_states.amount, snapshot_states.first_amount,
       usual_amounts.opportunities AS usual_n, usual_amounts.sizes AS usual_sizes,
       coalesce(owner_pasts.won, 0) - coalesce(own.won, 0) AS owner_won,
       coalesce(owner_pasts.closed, 0) - coalesce(own.closed, 0) AS owner_closed,
       coalesce(bought.won, 0) AS customer_won, coalesce(bought.closed, 0) AS customer_closed,
       coalesce(everybody.won, 0) AS all_won, coalesce(everybody.closed, 0) AS all_closed,
       coalesce(worked.activities, 0) AS activities,
       snapshot_states.probability, snapshot_states.owner_id, snapshot_states.process_id,
       greatest(snapshot_states.known, coalesce(worked.known, snapshot_states.known)) AS known,
       greatest(coalesce(owner_pasts.known, 0), coalesce(bought.known, 0)) AS past_known,
       CASE WHEN snapshot_states.snapshot + $horizon_days * 86400 > floor(epoch(CAST($known_at AS TIMESTAMPTZ))) THEN NULL
            WHEN ends.state IN ('won', 'lost') THEN ends.state ELSE 'open' END AS outcome,
       ends.known AS outcome_known
FROM snapshot_states
JOIN ends ON ends.snapshot = snapshot_states.snapshot AND ends.opportunity_id = snapshot_states.opportunity_id AND ends.from_last = 1
LEFT JOIN heights ON heights.process_id IS NOT DISTINCT FROM snapshot_states.process_id
LEFT JOIN usual_amounts ON usual_amounts.snapshot = snapshot_states.snapshot
LEFT JOIN owner_pasts ON owner_pasts.snapshot = snapshot_states.snapshot AND owner_pasts.owner_id IS NOT DISTINCT FROM snapshot_states.owner_id
LEFT JOIN own ON own.snapshot = snapshot_states.snapshot AND own.opportunity_id = snapshot_states.opportunity_id
LEFT JOIN bought ON bought.snapshot = snapshot_states.snapshot AND bought.opportunity_id = snapshot_states.opportunity_id
LEFT JOIN worked ON worked.snapshot = snapshot_states.snapshot AND worked.opportunity_id = snapshot_states.opportunity_id
LEFT JOIN everybody ON everybody.snapshot = snapshot_states.snapshot
ORDER BY snapshot_states.snapshot, snapshot_states.opportunity_id
