"""SQL of the scale loader: each statement makes one table's rows inside the database.

`chance(id, n)` is a number from 0 to 1 that depends on the row, on `n` and on the seed alone, so that the same
arguments give the same rows. All times are calendar time before `today`.
"""

CHANCE = """
CREATE OR REPLACE FUNCTION pg_temp.chance(id bigint, n integer) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (hashint8extended(id, n * 1000003 + {seed}) & 4294967295) / 4294967296.0 $$;
CREATE OR REPLACE FUNCTION pg_temp.pick(items text[], share double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT items[1 + floor(share * array_length(items, 1))::int] $$;
"""

TEAMS = """
INSERT INTO people_team (id, name, parent_id, region, is_active, created_at, updated_at, version)
SELECT %(first_team)s + t, %(team_word)s || ' ' || t, (%(regions)s::bigint[])[1 + mod(t, %(region_count)s)], '', true,
       %(founded)s, %(founded)s, 1
FROM generate_series(1, %(teams)s) AS t
"""

REPS = """
INSERT INTO people_user (id, username, name, email, phone, title, roles, language, theme, use_wan, is_active, password,
                         external_id, created_at, updated_at, version)
SELECT %(first_user)s + u, 'rep' || lpad(u::text, 5, '0'),
       pg_temp.pick(%(surnames)s, pg_temp.chance(u, 1)) || pg_temp.pick(%(given)s, pg_temp.chance(u, 2)),
       'rep' || lpad(u::text, 5, '0') || '@lanchuan.example', '', '', ARRAY['rep'], %(language)s, 'auto', false, true,
       '!', '', %(founded)s, %(founded)s, 1
FROM generate_series(1, %(new_reps)s) AS u
"""

MEMBERSHIPS = """
INSERT INTO people_membership (user_id, team_id, is_lead, started_on)
SELECT %(first_user)s + u, %(first_team)s + 1 + mod(u, %(teams)s), u <= %(teams)s, %(founded)s::date
FROM generate_series(1, %(new_reps)s) AS u
"""

STAFF = """
CREATE TEMP TABLE scale_rep AS
SELECT 0 AS number, %(rep)s::bigint AS id
UNION ALL SELECT u, %(first_user)s + u FROM generate_series(1, %(new_reps)s) AS u
"""

CUSTOMERS = """
INSERT INTO customers_customer (
    id, name, short_name, aliases, legal_form, kind, channel_place, credit_code, registration_number, industry, size_band,
    employees, revenue_currency, country, province, city, address, website, phones, emails, owner_id, source, notes,
    external_id, phase, credit_currency, created_at, updated_at, version)
SELECT c, city || word || business || %(legal_form)s, word || business, '{}', 'company', 'end_user', 'end_user', '',
       'R' || lpad(c::text, 8, '0'), industry, (ARRAY['small', 'medium', 'large', 'huge'])[1 + mod(c, 4)],
       20 + mod(c, 900), '', %(country)s, '', city, '', 'https://www.customer' || c || '.example', '{}', '{}', rep.id,
       '', '', '', 0, '', %(start)s + (c::float8 / %(customers)s) * %(span)s, %(start)s + (c::float8 / %(customers)s) * %(span)s, 1
FROM generate_series(1, %(customers)s) AS c
CROSS JOIN LATERAL (
    SELECT pg_temp.pick(%(syllables)s, pg_temp.chance(c, 3)) || pg_temp.pick(%(endings)s, pg_temp.chance(c, 4)) AS word,
           pg_temp.pick(%(cities)s, pg_temp.chance(c, 5)) AS city,
           pg_temp.pick(%(businesses)s, pg_temp.chance(c, 6)) AS business,
           pg_temp.pick(%(industries)s, pg_temp.chance(c, 6)) AS industry
) AS words
JOIN scale_rep rep ON rep.number = mod(c, %(reps)s)
"""

OWNER_CHANGES = """
INSERT INTO customers_ownerchange (customer_id, to_owner_id, at, actor_id, cause, reason)
SELECT id, owner_id, created_at, owner_id, 'created', '' FROM customers_customer ORDER BY id
"""

CONTACTS = """
INSERT INTO customers_contact (id, name, salutation, phones, emails, wechat, preferred_channel, do_not_call, do_not_mail,
                               do_not_message, wants_festival_greetings, owner_id, notes, external_id, created_at,
                               updated_at, version)
SELECT id, pg_temp.pick(%(surnames)s, pg_temp.chance(id, 7)) || pg_temp.pick(%(given)s, pg_temp.chance(id, 8)), '',
       ARRAY['154' || lpad(id::text, 8, '0')], '{}', '', 'phone', false, false, false, false, owner_id, '', '',
       created_at, created_at, 1
FROM customers_customer
"""

POSTS = """
INSERT INTO customers_post (contact_id, customer_id, title, department)
SELECT id, id, '', '' FROM customers_customer ORDER BY id
"""

PLAN = """
CREATE TEMP TABLE scale_plan AS
SELECT i, owner_number, process_id, stages, stage_index, state,
       (1 + mod(owner_number + %(reps)s - 1, %(reps)s)
          + %(reps)s * floor(pg_temp.chance(i, 9) * %(customers_each)s))::bigint AS customer_id,
       opened_at,
       CASE WHEN state IN ('open', 'on_hold') THEN %(now)s::timestamptz
            ELSE least(opened_at + days * interval '1 day', %(now)s::timestamptz - interval '1 hour') END AS until_at,
       round(exp(9.6 + 1.6 * pg_temp.chance(i, 10) + 1.6 * pg_temp.chance(i, 11))::numeric, -2) AS amount
FROM (
    SELECT i, state, process_id, stages, opened_at, days,
           CASE WHEN i > %(opportunities)s - %(extra)s OR mod(i, %(rep_every)s) = 0 THEN 0
                ELSE mod(i * 7919, %(reps)s) END AS owner_number,
           CASE WHEN state = 'won' THEN array_length(stages, 1)
                WHEN state = 'open' THEN 1 + mod(i, array_length(stages, 1))
                ELSE 1 + floor(power(pg_temp.chance(i, 12), 0.8) * array_length(stages, 1))::int END AS stage_index
    FROM (
        SELECT i, process.id AS process_id, process.stages,
               %(start)s::timestamptz + (i::float8 / %(opportunities)s) * %(span)s::interval
                   - interval '1 day' * 4 * pg_temp.chance(i, 13) AS opened_at,
               20 + 180 * pg_temp.chance(i, 14) AS days,
               CASE WHEN i > %(opportunities)s - %(recent)s AND pg_temp.chance(i, 15) < %(open_share)s
                    THEN CASE WHEN pg_temp.chance(i, 16) < 0.03 AND i <= %(opportunities)s - %(extra)s THEN 'on_hold'
                              ELSE 'open' END
                    WHEN pg_temp.chance(i, 17) < 0.28 THEN 'won'
                    WHEN pg_temp.chance(i, 17) < 0.83 THEN 'lost'
                    ELSE 'dropped' END AS state
        FROM generate_series(1::bigint, %(opportunities)s) AS i
        JOIN LATERAL (
            SELECT CASE WHEN i > %(opportunities)s - %(extra)s OR pg_temp.chance(i, 18) < 0.6 THEN 3
                        WHEN pg_temp.chance(i, 18) < 0.85 THEN 1 ELSE 2 END AS place
        ) AS chosen ON true
        JOIN scale_process process ON process.place = chosen.place
    ) AS fate
) AS path
"""

PROCESSES = """
CREATE TEMP TABLE scale_process AS
SELECT process.id, row_number() OVER (ORDER BY process.position, process.id) AS place,
       array_agg(stage.id ORDER BY stage.position) AS stages
FROM pipeline_salesprocess process JOIN pipeline_stage stage ON stage.process_id = process.id
WHERE stage.merged_into_id IS NULL
GROUP BY process.id
"""

OPPORTUNITIES = """
INSERT INTO pipeline_opportunity (
    id, subject, customer_id, process_id, stage_id, state, amount, currency, amount_base, opened_on, expected_on,
    probability, source, owner_id, priority, likelihood, visibility, reach_kind, purchase_kind, next_step, next_step_on,
    stage_entered_at, closed_at, loss_reason_id, close_note, contract_reference, notes, external_id, created_at,
    updated_at, version, search_text)
SELECT made.*, loudou_opportunity_document(subject, external_id, contract_reference, customer_id)
FROM (
SELECT i, customer.short_name || ' ' || pg_temp.pick(%(occasions)s, pg_temp.chance(i, 19)) AS subject, customer_id, process_id,
       stages[stage_index], state, amount, 'CNY', amount, (opened_at AT TIME ZONE %(zone)s)::date,
       CASE WHEN state IN ('open', 'on_hold')
            THEN (%(now)s::timestamptz AT TIME ZONE %(zone)s)::date - 20 + floor(170 * pg_temp.chance(i, 20))::int
            ELSE (until_at AT TIME ZONE %(zone)s)::date END,
       round((stage_index::numeric / array_length(stages, 1)) * 0.8, 2), pg_temp.pick(%(sources)s, pg_temp.chance(i, 21)),
       rep.id, 1 + floor(3 * pg_temp.chance(i, 22))::int, '', '', '',
       (ARRAY['new', 'additional', 'replacement'])[1 + mod(i, 3)],
       CASE WHEN state = 'open' THEN pg_temp.pick(%(steps)s, pg_temp.chance(i, 23)) ELSE '' END,
       CASE WHEN state = 'open' THEN (%(now)s::timestamptz AT TIME ZONE %(zone)s)::date - 5
            + floor(30 * pg_temp.chance(i, 24))::int END,
       opened_at + (until_at - opened_at) * ((stage_index - 1)::float8 / stage_index) * 0.95,
       CASE WHEN state IN ('won', 'lost', 'dropped') THEN until_at END,
       CASE WHEN state = 'lost' THEN (%(reasons)s::bigint[])[1 + floor(pg_temp.chance(i, 25) * %(reason_count)s)::int] END,
       '', CASE WHEN state = 'won' THEN 'LC-' || i ELSE '' END AS contract_reference, '', '' AS external_id, opened_at,
       CASE WHEN state = 'open' THEN until_at - interval '20 days' * pg_temp.chance(i, 26) ELSE until_at END, 1
FROM scale_plan
JOIN customers_customer customer ON customer.id = scale_plan.customer_id
JOIN scale_rep rep ON rep.number = scale_plan.owner_number
) AS made
ORDER BY i
"""

STAGE_CHANGES = """
INSERT INTO pipeline_stagechange (
    opportunity_id, kind, from_stage_id, to_stage_id, from_state, to_state, amount, currency, amount_base, expected_on,
    probability, owner_id, at, recorded_at, actor_id, note)
SELECT i, kind, from_stage, to_stage, from_state, to_state, plan.amount, 'CNY', plan.amount, sale.expected_on,
       sale.probability, sale.owner_id, at, at, sale.owner_id, ''
FROM scale_plan plan
JOIN pipeline_opportunity sale ON sale.id = plan.i
CROSS JOIN LATERAL (
    SELECT CASE WHEN s = 1 THEN 'created' ELSE 'advanced' END AS kind,
           CASE WHEN s > 1 THEN stages[s - 1] END AS from_stage, stages[s] AS to_stage,
           CASE WHEN s > 1 THEN 'open' ELSE '' END AS from_state, 'open' AS to_state,
           CASE WHEN s = stage_index THEN sale.stage_entered_at
                ELSE opened_at + (until_at - opened_at) * ((s - 1)::float8 / stage_index) * 0.95 END AS at
    FROM generate_series(1, stage_index) AS s
    UNION ALL
    SELECT CASE plan.state WHEN 'on_hold' THEN 'held' ELSE plan.state END, stages[stage_index], stages[stage_index],
           'open', plan.state, CASE WHEN plan.state = 'on_hold' THEN until_at - interval '1 hour' ELSE until_at END
    WHERE plan.state <> 'open'
) AS step
ORDER BY at
"""

LINES = """
INSERT INTO pipeline_opportunityline (opportunity_id, product_id, quantity, unit_price, discount_rate, amount, position)
SELECT i, 1 + mod(i + half, %(products)s), 1, part, 0, part, half
FROM scale_plan
CROSS JOIN LATERAL (VALUES (1, amount - round(amount / 3)), (2, round(amount / 3))) AS halves(half, part)
WHERE state = 'open' AND pg_temp.chance(i, 27) < 0.5
ORDER BY i, half
"""

MEMBERS = """
INSERT INTO pipeline_opportunitymember (opportunity_id, user_id, split)
SELECT i, rep.id, 20 FROM scale_plan JOIN scale_rep rep ON rep.number = mod(owner_number + 1, %(reps)s)
WHERE state = 'open' AND pg_temp.chance(i, 28) < 0.05
"""

CUSTOMER_MEMBERS = """
INSERT INTO customers_customermember (customer_id, user_id)
SELECT DISTINCT sale.customer_id, member.user_id
FROM pipeline_opportunitymember member JOIN pipeline_opportunity sale ON sale.id = member.opportunity_id
"""

PEOPLE = """
INSERT INTO pipeline_opportunitycontact (opportunity_id, contact_id)
SELECT i, customer_id FROM scale_plan WHERE state = 'open'
"""

RIVALS = """
INSERT INTO pipeline_opportunity_competitors (opportunity_id, competitor_id)
SELECT i, 1 + mod(i, %(competitors)s) FROM scale_plan WHERE state = 'open' AND pg_temp.chance(i, 29) < 0.6
"""
