-- What was known, at each moment, of each opportunity that was open then: one row per moment and opportunity.
--
-- Input: stage_events (by sampled_events), stages, moments(snapshot), seconds since 1970; parameter $below. A row counts at a moment
-- when it had happened and was recorded by then. `known` is when the newest of what a row rests on was recorded.
WITH ends AS (
    SELECT opportunity_id, max(greatest(happened, recorded)) AS last,
           max(CASE WHEN state IN ('won', 'lost') THEN happened END) AS closed, max(CASE WHEN state NOT IN ('won', 'lost') THEN happened END) AS open
    FROM sampled_events
    GROUP BY opportunity_id
),
seen AS (
    SELECT moments.snapshot, sampled_events.opportunity_id, sampled_events.happened, sampled_events.recorded, sampled_events.stage_id,
           sampled_events.state, sampled_events.amount, sampled_events.expected_day, sampled_events.owner_id, sampled_events.probability,
           stages.ordinal, stages.process_id,
           row_number() OVER (PARTITION BY moments.snapshot, sampled_events.opportunity_id
                              ORDER BY sampled_events.happened DESC, sampled_events.seq DESC) AS from_last,
           row_number() OVER (PARTITION BY moments.snapshot, sampled_events.opportunity_id
                              ORDER BY sampled_events.happened, sampled_events.seq) AS place,
           lag(stages.ordinal) OVER (PARTITION BY moments.snapshot, sampled_events.opportunity_id
                                     ORDER BY sampled_events.happened, sampled_events.seq) AS ordinal_before,
           lag(sampled_events.state) OVER (PARTITION BY moments.snapshot, sampled_events.opportunity_id
                                           ORDER BY sampled_events.happened, sampled_events.seq) AS state_before,
           lag(sampled_events.expected_day) OVER (PARTITION BY moments.snapshot, sampled_events.opportunity_id
                                                  ORDER BY sampled_events.happened, sampled_events.seq) AS expected_before
    FROM moments
    JOIN sampled_events ON sampled_events.happened <= moments.snapshot AND sampled_events.recorded <= moments.snapshot
    -- What is closed for good is not open after the last that was heard of it.
    JOIN ends ON ends.opportunity_id = sampled_events.opportunity_id
         AND (moments.snapshot < ends.last OR ends.closed IS NULL OR ends.closed <= ends.open)
    JOIN stages ON stages.stage_id = sampled_events.stage_id
)
SELECT snapshot, opportunity_id,
       max(CASE WHEN from_last = 1 THEN stage_id END) AS stage_id,
       max(CASE WHEN from_last = 1 THEN process_id END) AS process_id,
       max(CASE WHEN from_last = 1 THEN ordinal END) AS ordinal,
       min(happened) AS opened,
       max(CASE WHEN ordinal_before IS NULL OR ordinal <> ordinal_before OR state_before IN ('won', 'lost') THEN happened END) AS entered,
       count(*) FILTER (WHERE ordinal > ordinal_before) AS moves,
       count(*) FILTER (WHERE ordinal < ordinal_before) AS back_moves,
       count(*) FILTER (WHERE ordinal > ordinal_before + 1) AS skips,
       count(*) FILTER (WHERE expected_day > expected_before) AS pushes,
       max(CASE WHEN from_last = 1 THEN expected_day END) AS expected_day,
       max(CASE WHEN from_last = 1 THEN amount END) AS amount,
       max(CASE WHEN place = 1 THEN amount END) AS first_amount,
       max(CASE WHEN from_last = 1 THEN owner_id END) AS owner_id,
       max(CASE WHEN from_last = 1 THEN probability END) AS probability,
       max(recorded) AS known
FROM seen
GROUP BY snapshot, opportunity_id
HAVING max(CASE WHEN from_last = 1 THEN state END) IN ('open', 'on_hold')
