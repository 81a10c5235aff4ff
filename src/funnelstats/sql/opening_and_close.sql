-- Stage events made of opportunities alone, for whoever has no history: each was opened, and won or lost if it was.
--
-- Input: opportunities. To be given as `stage_events`: rates and times from opening are right, what stages would tell is not there.
SELECT opportunity_id, 0 AS seq, created_at AS happened_at, CAST(NULL AS TIMESTAMPTZ) AS recorded_at, stage_id, 'open' AS state
FROM opportunities
UNION ALL
SELECT opportunity_id, 1, closed_at, CAST(NULL AS TIMESTAMPTZ), stage_id, outcome
FROM opportunities
WHERE outcome IN ('won', 'lost') AND closed_at IS NOT NULL
