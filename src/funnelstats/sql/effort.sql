-- Effort against value: hours and cost spent on each customer beside its contribution, and where the two disagree.
--
-- Input: efforts(customer_id, hours, cost) added up per customer over the time asked about; worth(customer_id,
-- contribution, is_key). Parameter $ratio, such as 2: wasted = the customer's share of the hours is more than so many
-- times its share of the contribution and it is not key; starved = a key customer whose share of the contribution is more
-- than so many times its share of the hours. Customers with neither hours nor contribution are left out.
WITH joined AS (
    SELECT coalesce(v.customer_id, e.customer_id) AS customer_id,
           coalesce(e.hours, 0) AS hours,
           coalesce(e.cost, 0) AS cost,
           coalesce(v.contribution, 0) AS contribution,
           coalesce(v.is_key, false) AS is_key
    FROM efforts e FULL OUTER JOIN worth v ON v.customer_id = e.customer_id
),
shares AS (
    SELECT customer_id, hours, cost, contribution, is_key,
           hours / nullif(sum(hours) OVER (), 0) AS hours_share,
           CASE WHEN contribution > 0 THEN contribution ELSE 0 END
               / nullif(sum(CASE WHEN contribution > 0 THEN contribution ELSE 0 END) OVER (), 0) AS contribution_share
    FROM joined
    WHERE hours > 0 OR contribution <> 0
)
SELECT customer_id, hours, cost, contribution, is_key, hours_share, contribution_share,
       contribution / nullif(hours, 0) AS contribution_per_hour,
       CASE WHEN NOT is_key AND hours > 0 AND coalesce(hours_share, 0) > $ratio * coalesce(contribution_share, 0) THEN 'wasted'
            WHEN is_key AND coalesce(contribution_share, 0) > $ratio * coalesce(hours_share, 0) THEN 'starved'
            ELSE 'fitting' END AS verdict
FROM shares
ORDER BY hours DESC, customer_id
