-- Open opportunities by segment, stage, whole days in the stage, amount and expected date; alike ones in one row.
--
-- Input: stage_events, opportunities (by last_known), segments(opportunity_id, segment); parameters $as_of, $known_at. On hold
-- counts as open: its age in the stage tells. `expected_in` counts days from $as_of on; amount and it are NULL where not known.
SELECT segments.segment, last_known.stage_id,
       CAST(floor((CAST(floor(epoch(CAST($as_of AS TIMESTAMPTZ))) AS BIGINT) - last_known.entered_at) / 86400) AS INTEGER) AS days,
       last_known.amount,
       CAST(last_known.expected_on - CAST(CAST($as_of AS TIMESTAMPTZ) AS DATE) AS INTEGER) AS expected_in,
       count(*) AS opportunities
FROM last_known
JOIN segments ON segments.opportunity_id = last_known.opportunity_id
WHERE last_known.state IN ('open', 'on_hold') AND segments.segment IS NOT NULL
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1, 2, 3, 4, 5
