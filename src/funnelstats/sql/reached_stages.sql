-- One row per opportunity, episode and stage that it reached, skipped ones filled in: when, and when it came further.
--
-- Input: stage_events, opportunities (by episodes, stage_visits), stages; parameters $as_of, $known_at. Who stood in a stage has
-- reached all before it, who won has reached all; a move back takes nothing away. A stage that was filled in was reached and
-- left at the same moment. `fate`: 'advanced' (reached a later stage, or won), 'lost', or 'undecided'; `left_at` is when.
WITH visited AS (
    SELECT stage_visits.opportunity_id, stage_visits.episode, stages.process_id, stages.ordinal,
           -- A later stage entered earlier has reached this one as well.
           min(stage_visits.entered_at) OVER (
               PARTITION BY stage_visits.opportunity_id, stage_visits.episode, stages.process_id ORDER BY stages.ordinal DESC
               ROWS UNBOUNDED PRECEDING) AS reached_at,
           min(stage_visits.entered_at) OVER (
               PARTITION BY stage_visits.opportunity_id, stage_visits.episode, stages.process_id ORDER BY stages.ordinal DESC
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS further_at,
           lag(stages.ordinal) OVER (
               PARTITION BY stage_visits.opportunity_id, stage_visits.episode, stages.process_id ORDER BY stages.ordinal DESC)
               AS ordinal_above,
           lead(stages.ordinal) OVER (
               PARTITION BY stage_visits.opportunity_id, stage_visits.episode, stages.process_id ORDER BY stages.ordinal DESC)
               AS ordinal_below
    FROM stage_visits
    JOIN stages ON stages.stage_id = stage_visits.stage_id
),
fated AS (
    SELECT visited.opportunity_id, visited.episode, visited.process_id, visited.ordinal, visited.reached_at,
           visited.ordinal_above, coalesce(visited.ordinal_below, 0) AS ordinal_below, episodes.outcome, episodes.ended_at,
           coalesce(visited.further_at, episodes.ended_at) AS left_at,
           CASE WHEN visited.further_at IS NOT NULL OR episodes.outcome = 'won' THEN 'advanced' ELSE episodes.outcome END AS fate,
           episodes.opened, episodes.watched_from
    FROM visited
    JOIN episodes ON episodes.opportunity_id = visited.opportunity_id AND episodes.episode = visited.episode
),
reached AS (
    SELECT opportunity_id, episode, process_id, ordinal, reached_at, left_at, fate, outcome, ended_at, opened, watched_from FROM fated
    UNION ALL
    SELECT fated.opportunity_id, fated.episode, fated.process_id, stages.ordinal, fated.reached_at, fated.reached_at, 'advanced',
           fated.outcome, fated.ended_at, fated.opened, fated.watched_from
    FROM fated
    JOIN stages ON stages.process_id IS NOT DISTINCT FROM fated.process_id
                AND stages.ordinal > fated.ordinal_below AND stages.ordinal < fated.ordinal
    WHERE fated.ordinal > fated.ordinal_below + 1
    UNION ALL
    SELECT fated.opportunity_id, fated.episode, fated.process_id, stages.ordinal, fated.ended_at, fated.ended_at, 'advanced',
           fated.outcome, fated.ended_at, fated.opened, fated.watched_from
    FROM fated
    JOIN stages ON stages.process_id IS NOT DISTINCT FROM fated.process_id AND stages.ordinal > fated.ordinal
    WHERE fated.outcome = 'won' AND fated.ordinal_above IS NULL
)
SELECT opportunity_id, episode, process_id, ordinal, reached_at, left_at, fate, outcome, ended_at, opened, watched_from
FROM reached
-- What was left before observation began was left by those that lived on: it says nothing.
WHERE watched_from IS NULL OR left_at > watched_from
