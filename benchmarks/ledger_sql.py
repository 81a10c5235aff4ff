"""A ledger of any size, made inside the database: the SQL of it, in the order in which it runs.

One contract has four instalments of the same amount, due every three months from its signing; what is due is paid by a
receipt each, apart from every 25th contract, whose last payments are late. Each contract is delivered, accepted and
invoiced once. What the services and triggers would have written beside it (balances, evidence, phases) is written here;
`loudou check` proves that nothing is missing.
"""

from __future__ import annotations

PLAN = """
    CREATE TEMP TABLE bench_plan ON COMMIT DROP AS
    WITH buyer AS (
        SELECT id, owner_id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS buyers
        FROM customers_customer WHERE owner_id IS NOT NULL
    ), contract AS (
        SELECT i AS id, 1000 + i * 37 %% 900 * 10 AS part,
               %(today)s::date - 20 - (i * 7919 %% 1000)::int AS signed_on, i %% 25 = 0 AS is_late
        FROM generate_series(1, %(contracts)s) i
    )
    SELECT contract.*, 4 * part AS amount, round(4 * part / 1.13, 2) AS net, buyer.id AS customer_id, buyer.owner_id,
           signed_on + 14 AS delivered_on, signed_on + 285 < %(today)s AND NOT is_late AS is_done
    FROM contract JOIN buyer ON buyer.place = contract.id %% buyer.buyers
"""

PARTS = """
    CREATE TEMP TABLE bench_part ON COMMIT DROP AS
    SELECT 4 * (plan.id - 1) + position AS id, plan.id AS contract_id, plan.customer_id, position, plan.part AS amount,
           plan.signed_on, day.due_on,
           CASE WHEN day.due_on < %(today)s - 15 AND NOT (plan.is_late AND position > 2)
                THEN day.due_on + (plan.id %% 10)::int END AS paid_on
    FROM bench_plan plan, generate_series(1, 4) position,
         LATERAL (SELECT plan.signed_on + (position - 1) * 90 AS due_on) day
"""

TABLES = {
    "contracts_contract": """
        SELECT id, %(now)s AS created_at, %(now)s AS updated_at, 'B' || lpad(id::text, 8, '0') AS number,
               'Pumps for line ' || id AS title, CASE WHEN is_done THEN 'completed' ELSE 'performing' END AS state,
               customer_id, owner_id, signed_on AS drafted_on, signed_on AS offered_on, signed_on,
               delivered_on, delivered_on + 3 AS accepted_on, CASE WHEN is_done THEN signed_on + 285 END AS ended_on,
               net AS net_amount, amount - net AS tax_amount, amount, amount AS amount_base, id AS version_in_force_id
        FROM bench_plan
    """,
    "contracts_contractversion": """
        SELECT id, %(now)s AS created_at, %(now)s AS updated_at, id AS contract_id, 1 AS sequence,
               'in_force' AS state, signed_on AS in_force_on, net AS net_amount, amount - net AS tax_amount, amount
        FROM bench_plan
    """,
    "contracts_contractline": """
        SELECT id, id AS contract_id, 1 AS number, 4 AS ordered, 4 AS delivered, amount AS ordered_amount,
               amount AS delivered_amount, amount AS invoiced_amount
        FROM bench_plan
    """,
    "contracts_lineterms": """
        SELECT id, id AS version_id, id AS line_id, 1 AS position, 'Pump' AS description, 4 AS quantity,
               part AS unit_price, 0.13 AS tax_rate, net AS net_amount, amount - net AS tax_amount, amount
        FROM bench_plan
    """,
    "contracts_contractact": """
        SELECT id, id AS contract_id, id AS version_id, 'signed' AS kind, signed_on AS "on", 'customer' AS party,
               %(now)s AS recorded_at
        FROM bench_plan
    """,
    "contracts_delivery": """
        SELECT id, id AS contract_id, 'B-D' || lpad(id::text, 8, '0') AS number, 'delivery' AS kind,
               delivered_on AS "on", amount, %(now)s AS posted_at
        FROM bench_plan
    """,
    "contracts_deliveryline": "SELECT id, id AS delivery_id, id AS line_id, 4 AS quantity, amount FROM bench_plan",
    "contracts_deliveryacceptance": """
        SELECT id, id AS delivery_id, 'accepted' AS outcome, delivered_on + 3 AS "on", %(now)s AS recorded_at
        FROM bench_plan
    """,
    "contracts_invoice": """
        SELECT id, 'B-I' || lpad(id::text, 8, '0') AS number, customer_id, id AS contract_id, 'special' AS kind,
               'Customer ' || customer_id AS title, delivered_on AS issued_on, 'CNY' AS currency, 1 AS rate,
               net AS net_amount, amount - net AS tax_amount, amount, amount AS amount_base, %(now)s AS posted_at
        FROM bench_plan
    """,
    "contracts_invoiceline": """
        SELECT id, id AS invoice_id, id AS line_id, 1 AS position, 'Pump' AS description, 4 AS quantity,
               0.13 AS tax_rate, net AS net_amount, amount - net AS tax_amount, amount
        FROM bench_plan
    """,
    "contracts_paymentplan": """
        SELECT id, %(now)s AS created_at, %(now)s AS updated_at, id AS contract_id, customer_id,
               id AS contract_version_id, 'in_force' AS state, 'CNY' AS currency, amount AS total,
               signed_on AS in_force_on
        FROM bench_plan
    """,
    "contracts_instalment": """
        SELECT id, contract_id AS plan_id, contract_id, customer_id, position, 'Part ' || position AS name,
               'date' AS basis, due_on AS fixed_on, 'CNY' AS currency, amount, due_on, signed_on AS booked_on,
               1 AS booked_rate, amount AS booked_base, true AS is_in_force, paid.sum AS allocated,
               paid.sum AS cash, paid.sum AS settled_base
        FROM bench_part, LATERAL (SELECT CASE WHEN paid_on IS NULL THEN 0 ELSE amount END AS sum) paid
    """,
    "contracts_receipt": """
        SELECT id, 'B-R' || lpad(id::text, 8, '0') AS number, customer_id, contract_id, 'transfer' AS kind,
               'CNY' AS currency, amount, paid_on AS received_on, 1 AS rate, amount AS amount_base,
               %(now)s AS posted_at, paid_on AS cash_on, amount AS allocated, amount AS used_base
        FROM bench_part WHERE paid_on IS NOT NULL
    """,
    "contracts_allocation": """
        SELECT id, id AS receipt_id, id AS instalment_id, contract_id, amount, 'CNY' AS currency,
               amount AS amount_base, amount AS booked_base, paid_on AS "on", 'automatic' AS cause, %(now)s AS at
        FROM bench_part WHERE paid_on IS NOT NULL
    """,
    "customers_evidence": """
        SELECT %(evidence)s + row_number() OVER () AS id, told.*, true AS holds, %(now)s AS recorded_at
        FROM (
            SELECT 'instalment' AS kind, 'contracts.instalment' AS subject_model, id AS subject_id, customer_id, due_on,
                   paid_on AS settled_on, coalesce(paid_on, signed_on)::timestamptz AS at
            FROM bench_part
            UNION ALL
            SELECT 'contract_signed', 'contracts.contract', id, customer_id, NULL, NULL, signed_on::timestamptz
            FROM bench_plan
            UNION ALL
            SELECT 'first_instalment_received', 'contracts.contract', contract_id, customer_id, NULL, NULL,
                   paid_on::timestamptz
            FROM bench_part WHERE position = 1 AND paid_on IS NOT NULL
        ) told
    """,
    "customers_standingevidence": """
        SELECT id, id AS evidence_id, kind, subject_model, subject_id, subject_label, customer_id, due_on, settled_on,
               at
        FROM customers_evidence WHERE id > %(evidence)s
    """,
}
"""Table by table, the rows as columns that are named; what is not named has its model's default."""

PHASES = """
    CREATE TEMP TABLE bench_phase ON COMMIT DROP AS
    SELECT derived.customer_id, customer.phase AS from_phase, derived.phase AS to_phase
    FROM ({derived}) derived JOIN customers_customer customer ON customer.id = derived.customer_id
    WHERE customer.phase <> derived.phase
"""
HISTORY = """
    INSERT INTO customers_phasechange (customer_id, from_phase, to_phase, at, recorded_at, cause)
    SELECT customer_id, from_phase, to_phase, %(now)s, %(now)s, 'time' FROM bench_phase
"""
ENTER = """
    UPDATE customers_customer customer SET phase = entered.to_phase, phase_since = %(now)s
    FROM bench_phase entered WHERE entered.customer_id = customer.id
"""
