-- The stages of each process in the order in which deals pass them.
--
-- Input: stage_events, opportunities, named_stages. Copeland's rule: a stage stands before another one when more of the deals that
-- were in both came to it first; stages are ranked by how many they stand before, less those before them, then by age of deals.
CREATE OR REPLACE TABLE stages AS
WITH firsts AS (
    SELECT opportunity_id, stage_id, min((happened_at, seq)) AS first, min(happened_at) AS moved_at
    FROM stage_events WHERE stage_id <> 0 AND state = 'open' GROUP BY ALL
),
pairs AS (
    SELECT one.stage_id, other.stage_id AS other_id, count(*) FILTER (WHERE one.first < other.first) AS before, count(*) AS met
    FROM firsts AS one JOIN firsts AS other ON other.opportunity_id = one.opportunity_id AND other.stage_id <> one.stage_id
    GROUP BY ALL
),
ranks AS (
    SELECT stage_id, count(*) FILTER (WHERE 2 * before > met) - count(*) FILTER (WHERE 2 * before < met) AS ahead
    FROM pairs GROUP BY stage_id
),
ages AS (
    SELECT firsts.stage_id, avg(epoch(moved_at) - epoch(created_at)) AS age
    FROM firsts JOIN opportunities USING (opportunity_id) GROUP BY firsts.stage_id
)
SELECT named_stages.stage_id, process AS process_id, name,
       row_number() OVER (PARTITION BY process ORDER BY coalesce(ahead, 0) DESC, age NULLS LAST, name) AS ordinal
FROM named_stages LEFT JOIN ranks USING (stage_id) JOIN ages USING (stage_id)
