-- One row per opportunity, episode and stage in which it really was: first entry, seconds spent, how often it was entered.
--
-- Input: stage_events (by known_events), opportunities (by late_watched); parameters $as_of, $known_at. All stays in a stage are
-- added up, moves back included. Time on hold is not time in a stage. `is_there`: 1 when it is open in that stage at the moment
-- asked about. `seconds_unwatched` of `seconds` lie before its observation began.
WITH stays AS (
    SELECT opportunity_id, episode, stage_id, since, is_entry, CASE WHEN until IS NULL THEN 1 ELSE 0 END AS is_there,
           coalesce(until, CAST(floor(epoch(CAST($as_of AS TIMESTAMPTZ))) AS BIGINT)) AS until
    FROM known_events
    WHERE state = 'open'
)
SELECT stays.opportunity_id, stays.episode, stays.stage_id,
       min(stays.since) AS entered_at,
       sum(stays.until - stays.since) AS seconds,
       sum(greatest(least(stays.until, late_watched.watched_from) - stays.since, 0)) FILTER (WHERE late_watched.watched_from IS NOT NULL)
           AS seconds_unwatched,
       count(*) FILTER (WHERE stays.is_entry) AS entries,
       max(stays.is_there) AS is_there
FROM stays
LEFT JOIN late_watched ON late_watched.opportunity_id = stays.opportunity_id
GROUP BY stays.opportunity_id, stays.episode, stays.stage_id
