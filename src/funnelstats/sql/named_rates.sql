-- For each segment: the counts behind the three plain win rates of a period, which answer three different questions.
--
-- Input: stage_events, opportunities (by episodes), segments; parameters $as_of, $known_at, $period_start, $period_end (half-open),
-- $within_days. Closed in the period: `closed_won`, `closed_lost`. Opened in it: `created`, of them `created_won` by now. Opened
-- in it and at least $within_days before the moment asked about: `mature`, of them `mature_won` within $within_days. Those that
-- were taken over in the middle of their life are left out of the latter two.
WITH aged AS (
    SELECT segments.segment, episodes.outcome, episodes.watched_from, episodes.opened, episodes.opened_at, episodes.ended_at,
           CAST(floor(epoch(CAST($period_start AS TIMESTAMPTZ))) AS BIGINT) AS period_start,
           CAST(floor(epoch(CAST($period_end AS TIMESTAMPTZ))) AS BIGINT) AS period_end,
           CAST(floor(epoch(CAST($as_of AS TIMESTAMPTZ))) AS BIGINT) AS moment,
           86400 * CAST($within_days AS BIGINT) AS allowed
    FROM episodes
    JOIN segments ON segments.opportunity_id = episodes.opportunity_id
    WHERE segments.segment IS NOT NULL
),
placed AS (
    SELECT segment, outcome, ended_at >= period_start AND ended_at < period_end AS is_closed_in,
           watched_from IS NULL AND opened_at >= period_start AND opened_at < period_end AS is_created_in,
           opened_at + allowed <= moment AS is_mature, ended_at - opened_at <= allowed AS is_in_time
    FROM aged
)
SELECT segment,
       count(*) FILTER (WHERE is_closed_in AND outcome = 'won') AS closed_won,
       count(*) FILTER (WHERE is_closed_in AND outcome = 'lost') AS closed_lost,
       count(*) FILTER (WHERE is_created_in) AS created,
       count(*) FILTER (WHERE is_created_in AND outcome = 'won') AS created_won,
       count(*) FILTER (WHERE is_created_in AND is_mature) AS mature,
       count(*) FILTER (WHERE is_created_in AND is_mature AND outcome = 'won' AND is_in_time) AS mature_won
FROM placed
GROUP BY segment
ORDER BY segment
