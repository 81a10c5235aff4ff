-- Opportunities opened over four years with the moves of each through up to five stages, as known on 2025-11-15.
CREATE TABLE drawn AS
SELECT range + 1 AS opportunity_id, DATE '2022-01-01' + CAST(floor(random() * 1460) AS INTEGER) AS opened,
       1 + CAST(floor(random() * 5) AS INTEGER) AS furthest, 0.15 + 0.3 * random() AS skill, random() AS luck,
       1 + CAST(floor(random() * 200) AS INTEGER) AS owner_id,
       1 + CAST(floor(random() * 30) AS INTEGER) AS product_id,
       1 + CAST(floor(random() * 12) AS INTEGER) AS source_id,
       100 * CAST(floor(exp(4 + 3 * random())) AS INTEGER) AS amount
FROM range($opportunities);
CREATE TABLE moves AS
SELECT opportunity_id, place AS seq,
       opened + CAST(sum(CASE WHEN place > 1 THEN 1 - 18 * ln(1 - random()) ELSE 0 END)
           OVER (PARTITION BY opportunity_id ORDER BY place) AS INTEGER) AS happened_on,
       least(place, furthest) AS stage_id,
       CASE WHEN place <= furthest THEN 'open' WHEN luck < skill * furthest / 3 THEN 'won' ELSE 'lost' END AS state,
       amount, owner_id
FROM drawn, range(1, furthest + 2) AS places(place);
CREATE TABLE stage_events AS
SELECT opportunity_id, seq, CAST(happened_on AS TIMESTAMPTZ) AS happened_at, CAST(NULL AS TIMESTAMPTZ) AS recorded_at,
       stage_id, state, amount, CAST(NULL AS DATE) AS expected_on, owner_id, CAST(NULL AS DOUBLE) AS probability
FROM moves WHERE happened_on <= DATE '2025-11-15';
CREATE TABLE opportunities AS
SELECT opportunity_id, CAST(opened AS TIMESTAMPTZ) AS created_at, CAST(NULL AS TIMESTAMPTZ) AS observed_from,
       amount, owner_id, product_id, source_id
FROM drawn WHERE opened <= DATE '2025-11-15';
CREATE TABLE stages AS SELECT range AS stage_id, 1 AS process_id, range AS ordinal FROM range(1, 6);
DROP TABLE drawn; DROP TABLE moves;
