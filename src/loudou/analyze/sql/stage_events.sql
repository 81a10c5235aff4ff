-- The history of each deal: its opening, its moves, how it stands today or how it ended; what a row does not say stays as it was.
--
-- Input: opportunities, deals, moves, starts, named_stages; parameters $as_of, $last. A close in the history counts where the deal
-- was opened again afterwards; how a deal stands in the end, its own row says.
CREATE OR REPLACE TABLE stage_events AS
WITH timed AS (
    SELECT opportunity_id AS deal, owner_id, moves.seq, moves.stage, coalesce(moves.outcome, 'none') AS outcome, moves.amount,
           moves.expected_on, greatest(moves.moved_at, created_at) AS moved_at,
           max(moves.moved_at) FILTER (WHERE moves.outcome = 'open') OVER (PARTITION BY deal) AS last_open
    FROM moves JOIN opportunities ON opportunity_id = moves.deal
    WHERE moves.moved_at < CAST($as_of AS TIMESTAMPTZ) + INTERVAL 1 DAY
),
rows AS (
    SELECT opportunity_id AS deal, owner_id, CAST(0 AS BIGINT) AS seq, created_at AS moved_at, starts.stage, 'open' AS state,
           starts.amount, starts.expected_on
    FROM opportunities JOIN starts ON starts.deal = opportunity_id
    UNION ALL
    SELECT deal, owner_id, seq, moved_at, CASE WHEN outcome = 'open' THEN stage END,
           CASE WHEN outcome = 'none' THEN NULL ELSE outcome END, CASE WHEN amount > 0 THEN amount END, expected_on
    FROM timed
    WHERE outcome IN ('open', 'none') OR moved_at < last_open
    UNION ALL
    SELECT opportunity_id, opportunities.owner_id, $last - 1, CAST($as_of AS TIMESTAMPTZ), deals.stage, 'open',
           CASE WHEN deals.amount > 0 THEN deals.amount END, deals.expected_on
    FROM opportunities JOIN deals ON deals.place = opportunity_id WHERE opportunities.outcome = 'open'
),
ends AS (
    SELECT deal, greatest(max(moved_at) FILTER (WHERE state IS NOT NULL), max(closed_at)) AS ended_at
    FROM rows JOIN opportunities ON opportunity_id = deal GROUP BY deal
),
closed AS (
    -- What was mended on a deal after its close is in its own row.
    SELECT rows.* FROM rows JOIN ends ON ends.deal = rows.deal JOIN opportunities ON opportunity_id = rows.deal
    WHERE rows.state IS NOT NULL OR closed_at IS NULL OR rows.moved_at <= ends.ended_at
    UNION ALL
    SELECT opportunity_id, opportunities.owner_id, $last, ends.ended_at, NULL, opportunities.outcome,
           CASE WHEN deals.amount > 0 THEN deals.amount END, NULL
    FROM opportunities JOIN deals ON deals.place = opportunity_id JOIN ends ON ends.deal = opportunity_id
    WHERE opportunities.outcome <> 'open'
),
numbered AS (
    SELECT closed.*, stage_id, place
    FROM closed JOIN deals ON deals.place = closed.deal
    LEFT JOIN named_stages ON named_stages.name = closed.stage AND named_stages.process IS NOT DISTINCT FROM deals.process
),
filled AS (
    SELECT deal, seq, moved_at, owner_id,
           coalesce(last_value(stage_id IGNORE NULLS) OVER past, 0) AS stage_id,
           last_value(state IGNORE NULLS) OVER past AS state,
           last_value(amount IGNORE NULLS) OVER past AS amount,
           last_value(expected_on IGNORE NULLS) OVER past AS expected_on
    FROM numbered
    WINDOW past AS (PARTITION BY deal ORDER BY moved_at, seq ROWS UNBOUNDED PRECEDING)
)
SELECT filled.deal AS opportunity_id, filled.seq, filled.moved_at AS happened_at, CAST(NULL AS TIMESTAMPTZ) AS recorded_at,
       filled.stage_id, filled.state, filled.amount, filled.expected_on, filled.owner_id,
       CASE WHEN filled.seq = $last - 1 THEN deals.probability END AS probability
FROM filled JOIN deals ON deals.place = filled.deal
