-- For each stage: how many opportunities were won, lost, or are still undecided, by whole days since they first entered it.
--
-- Input: stage_events(opportunity_id, seq, happened_at, stage_id, state), one row per change, in the order (happened_at, seq);
--        state is 'open', 'won', 'lost' or 'on_hold' (dropped counts as lost). Parameter $as_of: the moment asked about.
-- An opportunity that is opened again within 30 days goes on as if it had never been closed; later it starts an episode
-- of its own with its clock at zero. A stage that was skipped was not entered. Days are whole days, rounded down.
WITH known AS (
    SELECT opportunity_id, seq, happened_at, stage_id, state,
           lag(state) OVER (PARTITION BY opportunity_id ORDER BY happened_at, seq) AS state_before,
           lag(happened_at) OVER (PARTITION BY opportunity_id ORDER BY happened_at, seq) AS happened_before
    FROM stage_events
    WHERE happened_at <= $as_of
),
begun AS (
    SELECT *, CASE WHEN state IN ('open', 'on_hold') AND state_before IN ('won', 'lost')
                        AND happened_at > happened_before + INTERVAL '30' DAY THEN 1 ELSE 0 END AS begins
    FROM known
),
episodes AS (
    SELECT *, sum(begins) OVER (PARTITION BY opportunity_id ORDER BY happened_at, seq ROWS UNBOUNDED PRECEDING) AS episode
    FROM begun
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY opportunity_id, episode ORDER BY happened_at DESC, seq DESC) AS from_last
    FROM episodes
),
outcomes AS (
    SELECT opportunity_id, episode,
           max(CASE WHEN from_last = 1 THEN state END) AS final_state,
           max(CASE WHEN state IN ('won', 'lost') AND (state_before IS NULL OR state_before <> state) THEN happened_at END) AS closed_at
    FROM ranked
    GROUP BY opportunity_id, episode
),
entries AS (
    SELECT opportunity_id, episode, stage_id, min(happened_at) AS entered_at
    FROM episodes
    WHERE state = 'open'
    GROUP BY opportunity_id, episode, stage_id
),
observed AS (
    SELECT entries.stage_id, outcomes.final_state,
           CAST(floor(EXTRACT(epoch FROM (
               CASE WHEN outcomes.final_state IN ('won', 'lost') THEN outcomes.closed_at ELSE CAST($as_of AS TIMESTAMPTZ) END
               - entries.entered_at)) / 86400) AS INTEGER) AS days
    FROM entries
    JOIN outcomes ON outcomes.opportunity_id = entries.opportunity_id AND outcomes.episode = entries.episode
)
SELECT stage_id, days,
       count(*) FILTER (WHERE final_state = 'won') AS won,
       count(*) FILTER (WHERE final_state = 'lost') AS lost,
       count(*) FILTER (WHERE final_state NOT IN ('won', 'lost')) AS undecided
FROM observed
WHERE days >= 0
GROUP BY stage_id, days
ORDER BY stage_id, days
