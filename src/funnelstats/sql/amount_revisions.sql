-- How amounts change until the win: for each stage the logarithm of the final amount over that on entering the stage, as moments.
--
-- Input: stage_events (amount from then on), opportunities (by episodes, last_known), segments(opportunity_id, segment);
-- parameters $as_of, $known_at. Only won opportunities whose amount was known both times.
WITH entered AS (
    SELECT opportunity_id, stage_id, amount,
           row_number() OVER (PARTITION BY opportunity_id, stage_id ORDER BY happened_at, seq) AS place
    FROM stage_events
    WHERE happened_at <= CAST($as_of AS TIMESTAMPTZ) AND coalesce(recorded_at, happened_at) <= CAST($known_at AS TIMESTAMPTZ)
          AND state = 'open'
),
changed AS (
    SELECT segments.segment, entered.stage_id,
           ln(CAST(last_known.amount AS DOUBLE)) - ln(CAST(entered.amount AS DOUBLE)) AS ratio
    FROM entered
    JOIN last_known ON last_known.opportunity_id = entered.opportunity_id
    JOIN segments ON segments.opportunity_id = entered.opportunity_id
    WHERE entered.place = 1 AND entered.amount > 0 AND last_known.amount > 0 AND last_known.state = 'won'
          AND segments.segment IS NOT NULL
)
SELECT segment, stage_id, count(*) AS opportunities, sum(ratio) AS total, sum(ratio * ratio) AS squares
FROM changed
GROUP BY segment, stage_id
ORDER BY segment, stage_id
