-- The history as it was known: what happened up to $as_of, as far as recorded by $known_at, cut into episodes.
--
-- Input: stage_events. Output: one row per event with the second since when (and until when; NULL: still) it was so, and what
-- was before. An opportunity that is opened again within 30 days of its close goes on as if it had never been closed; later it
-- starts a new episode, with its clock at zero. Only opportunities that were ever opened again need that second look.
WITH known AS (
    SELECT opportunity_id, stage_id, state, happened_at, CAST(floor(epoch(happened_at)) AS BIGINT) AS since,
           row_number() OVER (PARTITION BY opportunity_id ORDER BY happened_at, seq) AS place,
           lag(state) OVER (PARTITION BY opportunity_id ORDER BY happened_at, seq) AS state_before,
           lag(stage_id) OVER (PARTITION BY opportunity_id ORDER BY happened_at, seq) AS stage_before,
           lead(CAST(floor(epoch(happened_at)) AS BIGINT)) OVER (PARTITION BY opportunity_id ORDER BY happened_at, seq) AS until
    FROM stage_events
    WHERE happened_at <= CAST($as_of AS TIMESTAMPTZ) AND coalesce(recorded_at, happened_at) <= CAST($known_at AS TIMESTAMPTZ)
),
reopened AS (
    SELECT DISTINCT opportunity_id FROM known WHERE state IN ('open', 'on_hold') AND state_before IN ('won', 'lost')
),
closings AS (
    SELECT known.opportunity_id, known.place, known.since, known.state, known.state_before,
           max(CASE WHEN known.state IN ('won', 'lost') AND coalesce(known.state_before, 'open') NOT IN ('won', 'lost')
                    THEN known.since END)
               OVER (PARTITION BY known.opportunity_id ORDER BY known.place ROWS UNBOUNDED PRECEDING) AS closed_since
    FROM known
    JOIN reopened ON reopened.opportunity_id = known.opportunity_id
),
restarts AS (
    SELECT opportunity_id, place,
           1 + row_number() OVER (PARTITION BY opportunity_id ORDER BY place) AS episode,
           lead(place) OVER (PARTITION BY opportunity_id ORDER BY place) AS next_place
    FROM closings
    WHERE state IN ('open', 'on_hold') AND state_before IN ('won', 'lost') AND since > closed_since + 30 * 86400
)
SELECT known.opportunity_id, coalesce(restarts.episode, 1) AS episode, known.place, known.stage_id, known.state,
       known.happened_at, known.since, known.until, known.state_before, known.stage_before,
       known.stage_before IS NULL OR known.stage_before <> known.stage_id OR known.place = restarts.place AS is_entry
FROM known
LEFT JOIN restarts ON restarts.opportunity_id = known.opportunity_id
                   AND known.place >= restarts.place
                   AND (restarts.next_place IS NULL OR known.place < restarts.next_place)
