-- What history says of each open deal, for the rules of abnormal deals: one row per opportunity that is open.
--
-- Input: stage_events (also by known_events, stage_visits, episodes), stages; parameters $as_of, $known_at. `pushes` counts moves of
-- the expected date to a later one, `amount_before` is the amount before its last change (NULL: it never changed). Stages that
-- lie between its first and its furthest one and were never entered are `stages_skipped`. Stages without a process are one.
WITH revisions AS (
    SELECT opportunity_id, amount, expected_on,
           row_number() OVER (PARTITION BY opportunity_id ORDER BY happened_at, seq) AS place,
           lag(amount) OVER (PARTITION BY opportunity_id ORDER BY happened_at, seq) AS amount_before,
           lag(expected_on) OVER (PARTITION BY opportunity_id ORDER BY happened_at, seq) AS expected_before
    FROM stage_events
    WHERE happened_at <= CAST($as_of AS TIMESTAMPTZ) AND coalesce(recorded_at, happened_at) <= CAST($known_at AS TIMESTAMPTZ)
),
changes AS (
    SELECT opportunity_id, count(*) FILTER (WHERE expected_on > expected_before) AS pushes,
           max(place) FILTER (WHERE amount <> amount_before) AS last_change
    FROM revisions
    GROUP BY opportunity_id
),
visited AS (
    SELECT stage_visits.opportunity_id, stage_visits.episode,
           max(stages.ordinal) - min(stages.ordinal) + 1 - count(DISTINCT stages.ordinal) AS stages_skipped
    FROM stage_visits
    JOIN stages ON stages.stage_id = stage_visits.stage_id
    GROUP BY stage_visits.opportunity_id, stage_visits.episode
),
present AS (
    SELECT opportunity_id, episode, stage_id FROM known_events WHERE until IS NULL AND state = 'open'
)
SELECT present.opportunity_id, present.stage_id,
       CAST(floor((episodes.ended_at - episodes.opened_at) / 86400) AS INTEGER) AS age_days,
       CAST(floor(stage_visits.seconds / 86400) AS INTEGER) AS days_in_stage,
       changes.pushes, latest.amount AS amount, latest.amount_before AS amount_before, coalesce(visited.stages_skipped, 0) AS stages_skipped
FROM present
JOIN episodes ON episodes.opportunity_id = present.opportunity_id AND episodes.episode = present.episode
JOIN stage_visits ON stage_visits.opportunity_id = present.opportunity_id AND stage_visits.episode = present.episode
                  AND stage_visits.stage_id = present.stage_id
JOIN changes ON changes.opportunity_id = present.opportunity_id
LEFT JOIN revisions AS latest ON latest.opportunity_id = present.opportunity_id AND latest.place = changes.last_change
LEFT JOIN visited ON visited.opportunity_id = present.opportunity_id AND visited.episode = present.episode
ORDER BY present.opportunity_id
