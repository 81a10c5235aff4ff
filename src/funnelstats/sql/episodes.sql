-- One row per opportunity and episode: when it began, how and when it ended.
--
-- Input: stage_events (by known_events), opportunities (by late_watched); parameters $as_of, $known_at. Seconds are since 1970.
-- `parent_episode` is the one that a late re-opening follows. `outcome` is 'won', 'lost' or 'undecided' (open, on hold);
-- `ended_at` is the close, or the moment asked about. `watched_from` is when observation began, if that was after the
-- opening (left truncation); what ended before it was not observed and is left out.
WITH counted AS (
    SELECT opportunity_id, episode, min(since) AS opened_at, min(happened_at) AS opened,
           coalesce(max(place) FILTER (WHERE state = 'won'), 0) AS last_won,
           coalesce(max(place) FILTER (WHERE state = 'lost'), 0) AS last_lost,
           coalesce(max(place) FILTER (WHERE state IN ('open', 'on_hold')), 0) AS last_open,
           max(since) FILTER (WHERE state IN ('won', 'lost') AND (state_before IS NULL OR state_before <> state)) AS closed_at
    FROM known_events
    GROUP BY opportunity_id, episode
),
ended AS (
    SELECT opportunity_id, episode, opened_at, opened,
           CASE WHEN last_won > last_lost AND last_won > last_open THEN 'won'
                WHEN last_lost > last_open THEN 'lost' ELSE 'undecided' END AS outcome,
           CASE WHEN last_won > last_open OR last_lost > last_open THEN closed_at
                ELSE CAST(floor(epoch(CAST($as_of AS TIMESTAMPTZ))) AS BIGINT) END AS ended_at
    FROM counted
)
SELECT ended.opportunity_id, ended.episode, CASE WHEN ended.episode > 1 THEN ended.episode - 1 END AS parent_episode,
       ended.opened_at, ended.opened, ended.outcome, ended.ended_at,
       CASE WHEN late_watched.watched_from > ended.opened_at THEN late_watched.watched_from END AS watched_from
FROM ended
LEFT JOIN late_watched ON late_watched.opportunity_id = ended.opportunity_id
WHERE late_watched.watched_from IS NULL OR late_watched.watched_from <= ended.ended_at
