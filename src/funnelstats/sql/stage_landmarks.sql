-- What became of opportunities that were still in a stage after so many days: won, lost or undecided, by days from there on.
--
-- Input: stage_events, opportunities (by known_events, episodes, late_watched), segments(opportunity_id, segment); parameters
-- $as_of, $known_at. `landmark` is 0, 7, 14, 28, 56, 91, 182 or 365 days after coming into the stage. Who moved on before is not
-- counted there: an old deal is compared with those that were as old in the same stage, not with all that ever came into it.
WITH turns AS (
    SELECT opportunity_id, episode, stage_id, state, since,
           lead(since) OVER (PARTITION BY opportunity_id ORDER BY place) AS until
    FROM known_events
    WHERE is_entry OR state IN ('won', 'lost') OR state_before IN ('won', 'lost')
),
passed AS (
    SELECT segments.segment, turns.stage_id, landmarks.days AS landmark, episodes.outcome,
           CAST(floor((episodes.ended_at - turns.since) / 86400) AS INTEGER) - landmarks.days AS days
    FROM turns
    JOIN (VALUES (0), (7), (14), (28), (56), (91), (182), (365)) AS landmarks(days)
         ON turns.since + landmarks.days * 86400 <= coalesce(turns.until, CAST(floor(epoch(CAST($as_of AS TIMESTAMPTZ))) AS BIGINT))
    JOIN episodes ON episodes.opportunity_id = turns.opportunity_id AND episodes.episode = turns.episode
    JOIN segments ON segments.opportunity_id = turns.opportunity_id
    WHERE turns.state IN ('open', 'on_hold') AND segments.segment IS NOT NULL
          AND (episodes.watched_from IS NULL OR episodes.watched_from <= turns.since + landmarks.days * 86400)
)
SELECT segment, stage_id, landmark, days,
       count(*) FILTER (WHERE outcome = 'won') AS won,
       count(*) FILTER (WHERE outcome = 'lost') AS lost,
       count(*) FILTER (WHERE outcome = 'undecided') AS undecided
FROM passed
WHERE days >= 0
GROUP BY segment, stage_id, landmark, days
ORDER BY segment, stage_id, landmark, days
