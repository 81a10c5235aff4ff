-- What an analyst who knows the engine would write for the same answers as funnelstats' queries.
CREATE TEMP TABLE purchases AS
SELECT customer_id, min(CASE WHEN a > 0 THEN d END) AS f, max(CASE WHEN a > 0 THEN d END) AS l,
       count(CASE WHEN a > 0 THEN 1 END) AS n, sum(a) AS m, sum(p) AS p
FROM (SELECT customer_id, happened_on AS d, sum(amount) AS a, sum(margin) AS p FROM transactions
      WHERE happened_on <= DATE '2026-06-30' GROUP BY ALL)
GROUP BY customer_id;
CREATE TEMP TABLE abc AS
SELECT customer_id, m, CASE WHEN c - m < 0.7 * t THEN 'A' WHEN c - m < 0.9 * t THEN 'B' ELSE 'C' END AS k, c / t AS s
FROM (SELECT customer_id, m, sum(m) OVER (ORDER BY m DESC, customer_id ROWS UNBOUNDED PRECEDING) AS c, sum(m) OVER () AS t
      FROM purchases WHERE m > 0);
CREATE TEMP TABLE tiers AS
SELECT customer_id, m, CASE WHEN o <= ceil(0.2 * t) THEN 's' WHEN o <= ceil(0.5 * t) THEN 'i' ELSE 'g' END AS k
FROM (SELECT customer_id, m, row_number() OVER (ORDER BY m DESC, customer_id) AS o, count(*) OVER () AS t FROM purchases);
CREATE TEMP TABLE rfm AS
WITH x AS (SELECT customer_id, m, DATE '2026-06-30' - l AS r, n * 365.0 / greatest(DATE '2026-06-30' - f, 1) AS q,
                  DATE '2026-06-30' - f < 90 AS z FROM purchases WHERE n > 0),
     l AS (SELECT quantile_cont(r, [.2, .4, .6, .8]) AS r, quantile_cont(q, [.2, .4, .6, .8]) AS q,
                  quantile_cont(m::DOUBLE, [.2, .4, .6, .8]) AS m FROM x WHERE NOT z)
SELECT customer_id,
       CASE WHEN NOT z THEN 5 - (x.r > l.r[1])::INT - (x.r > l.r[2])::INT - (x.r > l.r[3])::INT - (x.r > l.r[4])::INT END AS r,
       CASE WHEN NOT z THEN 1 + (x.q >= l.q[1])::INT + (x.q >= l.q[2])::INT + (x.q >= l.q[3])::INT + (x.q >= l.q[4])::INT END AS f,
       CASE WHEN NOT z THEN 1 + (x.m >= l.m[1])::INT + (x.m >= l.m[2])::INT + (x.m >= l.m[3])::INT + (x.m >= l.m[4])::INT END AS m
FROM x, l;
CREATE TEMP TABLE whale AS
SELECT count(*) AS n, sum(p) AS t, sum(p) FILTER (WHERE p > 0) AS k, count(*) FILTER (WHERE p > 0) AS kn,
       sum(p) FILTER (WHERE o <= ceil(0.2 * a)) AS b, sum(p) FILTER (WHERE o > a - ceil(0.3 * a)) AS w
FROM (SELECT p, row_number() OVER (ORDER BY p DESC, customer_id) AS o, count(*) OVER () AS a FROM purchases);
