-- Hours, cost and visits of activities that took place, by a group (owner, team or phase of the customer at the time).
--
-- Input: activities(member, happened_at, kind, state, hours, cost): `member` is the group, the rest as in schemas.
-- Parameters: $since, $until (half-open), instants.
SELECT member,
       count(*) AS activities,
       count(CASE WHEN kind = 'visit' THEN 1 END) AS visits,
       coalesce(sum(hours), 0) AS hours,
       coalesce(sum(cost), 0) AS cost
FROM activities
WHERE coalesce(state, 'done') = 'done' AND happened_at >= $since AND happened_at < $until
GROUP BY member
ORDER BY member
