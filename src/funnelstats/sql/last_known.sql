-- What was last known of each opportunity: stage, state, amount, expected date, owner, the rep's probability, and its entry.
--
-- Input: stage_events (also by known_events), opportunities (the amount where events carry none); parameters $as_of, $known_at.
-- `entered_at` is the second at which it last came into the stage it is in; time on hold runs on.
WITH ranked AS (
    SELECT opportunity_id, stage_id, state, amount, expected_on, owner_id, probability,
           row_number() OVER (PARTITION BY opportunity_id ORDER BY happened_at DESC, seq DESC) AS from_last
    FROM stage_events
    WHERE happened_at <= CAST($as_of AS TIMESTAMPTZ) AND coalesce(recorded_at, happened_at) <= CAST($known_at AS TIMESTAMPTZ)
),
entries AS (
    SELECT opportunity_id, max(since) FILTER (WHERE is_entry OR state_before IN ('won', 'lost')) AS entered_at
    FROM known_events
    WHERE state IN ('open', 'on_hold')
    GROUP BY opportunity_id
)
SELECT ranked.opportunity_id, ranked.stage_id, ranked.state, coalesce(ranked.amount, opportunities.amount) AS amount,
       ranked.expected_on, ranked.owner_id, ranked.probability, entries.entered_at
FROM ranked
LEFT JOIN opportunities ON opportunities.opportunity_id = ranked.opportunity_id
LEFT JOIN entries ON entries.opportunity_id = ranked.opportunity_id
WHERE ranked.from_last = 1
