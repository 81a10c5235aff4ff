"""The statements behind the statistics of contracts. `{mine}` is the contracts and `{theirs}` the customers one sees.

`moved` is every movement in base currency, with the record it comes from: the statistics add it up, the drill-down
lists it, and so each figure is the sum of exactly the rows that open behind it. `SOURCES` says which movements a figure
counts. `days` is the time from signing to cash of the money that pays contracts. What of a receipt pays no contract is
still there or went back by a refund or a reversal: so the few receipts in question are found without reading all.
"""

MOVEMENTS = """
    WITH mine(id) AS ({mine}), theirs(id) AS ({theirs}),
    contract AS (
        SELECT contract.id, contract.customer_id, contract.owner_id, contract.signed_on, contract.amount,
               contract.amount_base, contract.version_in_force_id, {first} AS is_first
        FROM contracts_contract contract JOIN mine ON mine.id = contract.id
        WHERE contract.signed_on IS NOT NULL
    ), payer AS (
        SELECT customer.id, customer.owner_id
        FROM customers_customer customer JOIN theirs ON theirs.id = customer.id
    ), paid AS (
        SELECT contract.id AS contract_id, contract.customer_id, contract.owner_id, contract.is_first,
               receipt.cash_on AS day, entry.amount_base AS amount, receipt.cash_on - contract.signed_on AS days,
               entry.id AS source_id, receipt.id AS receipt_id
        FROM contracts_receipt receipt JOIN contracts_allocation entry ON entry.receipt_id = receipt.id
        JOIN contract ON contract.id = entry.contract_id
        WHERE receipt.cash_on BETWEEN %(since)s AND %(until)s AND entry.undoes_id IS NULL AND NOT EXISTS (
            SELECT FROM contracts_allocation undone
            WHERE undone.undoes_id = entry.id AND undone.undoes_id IS NOT NULL
        )
    ), moved AS (
        SELECT 'ordered' AS name, contract.id AS contract_id, NULL::bigint AS line_id, contract.customer_id,
               contract.owner_id, contract.is_first, contract.signed_on AS day, contract.amount_base AS amount,
               NULL::integer AS days, 'contract' AS source, contract.id AS source_id, NULL::bigint AS receipt_id
        FROM contract WHERE contract.signed_on BETWEEN %(since)s AND %(until)s
        UNION ALL
        SELECT 'delivered', contract.id, part.line_id, contract.customer_id, contract.owner_id, contract.is_first,
               delivery."on",
               part.amount * CASE WHEN contract.amount = 0 THEN 0 ELSE contract.amount_base / contract.amount END,
               NULL, 'delivery', delivery.id, NULL
        FROM contracts_delivery delivery JOIN contract ON contract.id = delivery.contract_id
        JOIN contracts_deliveryline part ON part.delivery_id = delivery.id
        WHERE delivery."on" BETWEEN %(since)s AND %(until)s
        UNION ALL
        SELECT 'invoiced', contract.id, part.line_id, contract.customer_id, contract.owner_id, contract.is_first,
               invoice.issued_on, part.amount * invoice.amount_base / invoice.amount, NULL, 'invoice', invoice.id, NULL
        FROM contracts_invoice invoice JOIN contract ON contract.id = invoice.contract_id
        JOIN contracts_invoiceline part ON part.invoice_id = invoice.id
        WHERE invoice.issued_on BETWEEN %(since)s AND %(until)s
        UNION ALL
        SELECT 'paid', contract_id, NULL, customer_id, owner_id, is_first, day, amount, days, 'allocation', source_id,
               receipt_id
        FROM paid
        UNION ALL
        SELECT 'spare', NULL, NULL, payer.id, payer.owner_id, NULL, receipt.cash_on,
               receipt.amount_base - coalesce((
                   SELECT sum(entry.amount_base) FROM contracts_allocation entry WHERE entry.receipt_id = receipt.id
               ), 0), NULL, 'receipt', receipt.id, receipt.id
        FROM contracts_receipt receipt JOIN payer ON payer.id = receipt.customer_id
        WHERE receipt.cash_on BETWEEN %(since)s AND %(until)s AND receipt.allocated < receipt.amount AND receipt.id IN (
            SELECT id FROM contracts_receipt WHERE available > 0
            UNION ALL SELECT receipt_id FROM contracts_refund UNION ALL SELECT receipt_id FROM contracts_reversal
        )
        UNION ALL
        SELECT 'spare', NULL, NULL, payer.id, payer.owner_id, NULL, refund.refunded_on, -refund.receipt_base, NULL,
               'refund', refund.id, refund.receipt_id
        FROM contracts_refund refund JOIN payer ON payer.id = refund.customer_id
        WHERE refund.refunded_on BETWEEN %(since)s AND %(until)s
        UNION ALL
        SELECT 'spare', NULL, NULL, payer.id, payer.owner_id, NULL, back."on",
               coalesce(refund.receipt_base, -receipt.amount_base), NULL, 'reversal', back.id,
               coalesce(back.receipt_id, refund.receipt_id)
        FROM contracts_reversal back JOIN payer ON payer.id = back.customer_id
        LEFT JOIN contracts_receipt receipt ON receipt.id = back.receipt_id AND receipt.cash_on IS NOT NULL
        LEFT JOIN contracts_refund refund ON refund.id = back.refund_id
        WHERE back."on" BETWEEN %(since)s AND %(until)s AND (receipt.id IS NOT NULL OR refund.id IS NOT NULL)
        UNION ALL
        SELECT 'owed', contract.id, NULL, contract.customer_id, contract.owner_id, contract.is_first, owed.due_on,
               owed.booked_base - owed.settled_base, NULL, 'instalment', owed.id, NULL
        FROM contracts_instalment owed JOIN contract ON contract.id = owed.contract_id
        WHERE owed.is_in_force AND owed.open_amount > 0
    )
"""

SOURCES = {
    "ordered": ["ordered"],
    "delivered": ["delivered"],
    "invoiced": ["invoiced"],
    "received": ["paid", "spare"],
    "cashed": ["paid"],
    "outstanding": ["owed"],
    "overdue": ["owed"],
}
"""The movements that a figure counts; of those owed, the overdue ones are due before today."""

# Movements are added up by what they carry (day, owner, contract) first; the group that it stands for (month, team,
# product) is looked up for what is left then, not for a million movements.
GROUPED = (
    MOVEMENTS
    + """
    , added AS (
        SELECT CASE WHEN name = 'owed' AND day < %(today)s THEN 'late' ELSE name END AS name, {columns},
               sum(amount) AS amount, sum(amount * days) AS waited, count(*) AS movements
        FROM moved GROUP BY 1, {columns}
    ), cash AS (
        SELECT (SELECT count(*) FROM (SELECT DISTINCT contract_id FROM paid) payers) AS contracts,
               sum(waited) / nullif(sum(amount), 0) AS days
        FROM added WHERE name = 'paid'
    )
    SELECT {key} AS key, cash.contracts, cash.days, {contracts},
           sum(moved.amount{share}) FILTER (WHERE moved.name = 'ordered'),
           sum(moved.amount{share}) FILTER (WHERE moved.name = 'delivered'),
           sum(moved.amount{share}) FILTER (WHERE moved.name = 'invoiced'),
           sum(moved.amount{share}) FILTER (WHERE moved.name IN ('paid', 'spare')),
           sum(moved.amount{share}) FILTER (WHERE moved.name IN ('owed', 'late')),
           sum(moved.amount{share}) FILTER (WHERE moved.name = 'late'),
           sum(moved.amount{share}) FILTER (WHERE moved.name = 'paid'),
           sum(moved.waited{share})
    FROM added moved CROSS JOIN cash {joins}
    GROUP BY 1, 2, 3 ORDER BY 1
"""
)

LISTED = (
    MOVEMENTS
    + """
    SELECT moved.day, moved.customer_id, buyer.name, moved.contract_id, agreed.number, moved.source, moved.source_id,
           moved.amount{share}, moved.receipt_id, moved.days
    FROM moved JOIN customers_customer buyer ON buyer.id = moved.customer_id
    LEFT JOIN contracts_contract agreed ON agreed.id = moved.contract_id {joins}
    WHERE moved.name = ANY(%(sources)s) AND (%(figure)s <> 'overdue' OR moved.day < %(today)s)
      AND (%(whole)s OR {key} IS NOT DISTINCT FROM %(key)s::{type})
    ORDER BY moved.day DESC NULLS LAST, moved.source, moved.source_id DESC LIMIT %(most)s OFFSET %(start)s
"""
)

_EVERYWHERE = {
    "first": "NULL::boolean",
    "joins": "",
    "share": "",
    "contracts": "coalesce(sum(moved.movements) FILTER (WHERE moved.name = 'ordered'), 0)::bigint",
    "type": "bigint",
}

DIMENSIONS: dict[str, dict[str, str]] = {
    "customer": {**_EVERYWHERE, "columns": "customer_id", "key": "moved.customer_id"},
    "rep": {**_EVERYWHERE, "columns": "owner_id", "key": "moved.owner_id"},
    "team": {
        **_EVERYWHERE,
        "columns": "owner_id",
        "key": "team.team_id",
        "joins": """LEFT JOIN LATERAL (
            SELECT membership.team_id FROM people_membership membership
            WHERE membership.user_id = moved.owner_id AND membership.started_on <= %(today)s
              AND (membership.ended_on IS NULL OR membership.ended_on > %(today)s)
            ORDER BY membership.started_on, membership.id LIMIT 1
        ) team ON true""",
    },
    "product": {
        **_EVERYWHERE,
        "columns": "contract_id, line_id",
        "key": "line.product_id",
        "joins": """LEFT JOIN contract ON contract.id = moved.contract_id
            LEFT JOIN contracts_lineterms line ON line.version_id = contract.version_in_force_id
                AND contract.amount <> 0 AND (moved.line_id IS NULL OR line.line_id = moved.line_id)""",
        "share": """ * CASE WHEN moved.line_id IS NULL AND line.id IS NOT NULL THEN line.amount / contract.amount
            ELSE 1 END""",
        "contracts": "count(DISTINCT moved.contract_id) FILTER (WHERE moved.name = 'ordered')",
    },
    "month": {**_EVERYWHERE, "columns": "day", "key": "to_char(moved.day, 'YYYY-MM')", "type": "text"},
    "custom": {
        **_EVERYWHERE,
        "first": """NOT EXISTS (
            SELECT FROM contracts_contract earlier
            WHERE earlier.customer_id = contract.customer_id AND earlier.signed_on IS NOT NULL
              AND (earlier.signed_on, earlier.id) < (contract.signed_on, contract.id)
        )""",
        "columns": "is_first",
        "key": "CASE WHEN moved.is_first THEN 'new' WHEN NOT moved.is_first THEN 'existing' END",
        "type": "text",
    },
}
"""How movements are grouped. A product gets the share of its line in the contract where a movement names no line."""
