-- One figure from three: the weighted mean of each customer's places in trading volume, credit rating and project size.
--
-- Input: customers(customer_id, volume, credit, project_size); what is not known counts as the lowest place. Parameters:
-- $volume_weight, $credit_weight, $project_weight, not all zero. A place is the share of customers that are worse, from 0
-- to 1, so that the three can be added although their units differ. Feed the result to ranked_shares.
WITH places AS (
    SELECT customer_id,
           percent_rank() OVER (ORDER BY coalesce(volume, -1e300)) AS volume_place,
           percent_rank() OVER (ORDER BY coalesce(credit, -1e300)) AS credit_place,
           percent_rank() OVER (ORDER BY coalesce(project_size, -1e300)) AS project_place
    FROM customers
)
SELECT customer_id,
       ($volume_weight * volume_place + $credit_weight * credit_place + $project_weight * project_place)
       / ($volume_weight + $credit_weight + $project_weight) AS value
FROM places
