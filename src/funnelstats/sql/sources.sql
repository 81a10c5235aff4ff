-- What each source (or campaign, or fair) cost and brought, through to cash.
--
-- Input: costs(source_id, amount) and opportunities(opportunity_id, source_id, outcome, amount, collected, margin): amount
-- of the deal, what was collected on it, and the margin of what was collected (NULL: not known). Rows without a source,
-- of either table, are one source NULL. Yield is margin collected for each unit spent; it and the costs of one lead or win are NULL where
-- nothing was spent or won.
WITH spent AS (
    SELECT source_id, sum(amount) AS cost FROM costs GROUP BY source_id
),
brought AS (
    SELECT source_id,
           count(*) AS opportunities,
           count(CASE WHEN outcome = 'won' THEN 1 END) AS won,
           count(CASE WHEN outcome = 'lost' THEN 1 END) AS lost,
           coalesce(sum(CASE WHEN outcome = 'won' THEN amount END), 0) AS won_amount,
           coalesce(sum(collected), 0) AS collected,
           coalesce(sum(margin), 0) AS margin
    FROM opportunities
    GROUP BY source_id
),
known AS (
    SELECT source_id FROM spent UNION SELECT source_id FROM brought
)
SELECT known.source_id AS source_id,
       coalesce(s.cost, 0) AS cost,
       coalesce(b.opportunities, 0) AS opportunities,
       coalesce(b.won, 0) AS won,
       coalesce(b.lost, 0) AS lost,
       coalesce(b.won_amount, 0) AS won_amount,
       coalesce(b.collected, 0) AS collected,
       coalesce(b.margin, 0) AS margin,
       s.cost / nullif(b.opportunities, 0) AS cost_per_opportunity,
       s.cost / nullif(b.won, 0) AS cost_per_win,
       coalesce(b.margin, 0) / nullif(s.cost, 0) AS yield
FROM known
LEFT JOIN spent s ON s.source_id IS NOT DISTINCT FROM known.source_id
LEFT JOIN brought b ON b.source_id IS NOT DISTINCT FROM known.source_id
ORDER BY known.source_id
