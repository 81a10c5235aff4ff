"""The statements behind the statistics of contracts. `{mine}` is the contracts and `{theirs}` the customers one sees.

`moved` is every movement of a figure in base currency, with the record it comes from: the statistics group it, the
drill-down lists it, and so each figure is the sum of exactly the rows that open behind it. `cashed` is the money that
pays contracts, and `waited` the same times the days since signing: their quotient is the days from signing to cash.
"""

MOVEMENTS = """
    WITH mine(id) AS ({mine}), theirs(id) AS ({theirs}),
    contract AS (
        SELECT contract.id, contract.customer_id, contract.owner_id, contract.signed_on, contract.amount_base,
               contract.version_in_force_id,
               CASE WHEN contract.amount = 0 THEN 0 ELSE contract.amount_base / contract.amount END AS worth,
               NOT EXISTS (
                   SELECT FROM contracts_contract earlier
                   WHERE earlier.customer_id = contract.customer_id AND earlier.signed_on IS NOT NULL
                     AND (earlier.signed_on, earlier.id) < (contract.signed_on, contract.id)
               ) AS is_first
        FROM contracts_contract contract JOIN mine ON mine.id = contract.id
        WHERE contract.signed_on IS NOT NULL
    ), moved AS (
        SELECT 'ordered' AS name, contract.id AS contract_id, NULL::bigint AS line_id, contract.customer_id,
               contract.signed_on AS day, contract.amount_base AS amount, 'contract' AS source,
               contract.id AS source_id, NULL::bigint AS receipt_id
        FROM contract WHERE contract.signed_on BETWEEN %(since)s AND %(until)s
        UNION ALL
        SELECT 'delivered', contract.id, part.line_id, contract.customer_id, delivery."on",
               part.amount * contract.worth, 'delivery', delivery.id, NULL
        FROM contracts_delivery delivery JOIN contract ON contract.id = delivery.contract_id
        JOIN contracts_deliveryline part ON part.delivery_id = delivery.id
        WHERE delivery."on" BETWEEN %(since)s AND %(until)s
        UNION ALL
        SELECT 'invoiced', contract.id, part.line_id, contract.customer_id, invoice.issued_on,
               part.amount * invoice.amount_base / invoice.amount, 'invoice', invoice.id, NULL
        FROM contracts_invoice invoice JOIN contract ON contract.id = invoice.contract_id
        JOIN contracts_invoiceline part ON part.invoice_id = invoice.id
        WHERE invoice.issued_on BETWEEN %(since)s AND %(until)s
        UNION ALL
        SELECT figure.name, contract.id, NULL, contract.customer_id, receipt.cash_on, figure.amount,
               'allocation', entry.id, receipt.id
        FROM contracts_receipt receipt JOIN contracts_allocation entry ON entry.receipt_id = receipt.id
        JOIN contract ON contract.id = entry.contract_id
        LEFT JOIN contracts_allocation undone ON undone.undoes_id = entry.id
        CROSS JOIN LATERAL (VALUES
            ('received', entry.amount_base), ('cashed', entry.amount_base),
            ('waited', entry.amount_base * (receipt.cash_on - contract.signed_on))
        ) AS figure(name, amount)
        WHERE receipt.cash_on BETWEEN %(since)s AND %(until)s AND entry.undoes_id IS NULL AND undone.id IS NULL
        UNION ALL
        SELECT 'received', NULL, NULL, receipt.customer_id, receipt.cash_on, receipt.amount_base - coalesce((
                   SELECT sum(entry.amount_base) FROM contracts_allocation entry WHERE entry.receipt_id = receipt.id
               ), 0), 'receipt', receipt.id, receipt.id
        FROM contracts_receipt receipt JOIN theirs ON theirs.id = receipt.customer_id
        WHERE receipt.cash_on BETWEEN %(since)s AND %(until)s AND receipt.allocated < receipt.amount
        UNION ALL
        SELECT 'received', NULL, NULL, refund.customer_id, refund.refunded_on, -refund.receipt_base, 'refund',
               refund.id, refund.receipt_id
        FROM contracts_refund refund JOIN theirs ON theirs.id = refund.customer_id
        WHERE refund.refunded_on BETWEEN %(since)s AND %(until)s
        UNION ALL
        SELECT 'received', NULL, NULL, back.customer_id, back."on",
               coalesce(refund.receipt_base, -receipt.amount_base), 'reversal', back.id,
               coalesce(back.receipt_id, refund.receipt_id)
        FROM contracts_reversal back JOIN theirs ON theirs.id = back.customer_id
        LEFT JOIN contracts_receipt receipt ON receipt.id = back.receipt_id AND receipt.cash_on IS NOT NULL
        LEFT JOIN contracts_refund refund ON refund.id = back.refund_id
        WHERE back."on" BETWEEN %(since)s AND %(until)s AND (receipt.id IS NOT NULL OR refund.id IS NOT NULL)
        UNION ALL
        SELECT figure.name, contract.id, NULL, contract.customer_id, owed.due_on,
               owed.booked_base - owed.settled_base, 'instalment', owed.id, NULL
        FROM contracts_instalment owed JOIN contract ON contract.id = owed.contract_id
        CROSS JOIN LATERAL (VALUES ('outstanding', true), ('overdue', coalesce(owed.due_on < %(today)s, false)))
            AS figure(name, counts)
        WHERE owed.is_in_force AND owed.open_amount > 0 AND figure.counts
    )
"""

GROUPED = (
    MOVEMENTS
    + """
    SELECT {key} AS key, moved.name, sum(moved.amount{share}),
           count(DISTINCT moved.contract_id) FILTER (WHERE moved.name = 'ordered')
    FROM moved LEFT JOIN contract ON contract.id = moved.contract_id {joins}
    GROUP BY 1, 2
"""
)

LISTED = (
    MOVEMENTS
    + """
    SELECT moved.day, moved.customer_id, buyer.name, moved.contract_id, agreed.number, moved.source, moved.source_id,
           moved.amount{share}, moved.receipt_id,
           CASE WHEN moved.source = 'allocation' THEN moved.day - contract.signed_on END
    FROM moved LEFT JOIN contract ON contract.id = moved.contract_id
    JOIN customers_customer buyer ON buyer.id = moved.customer_id
    LEFT JOIN contracts_contract agreed ON agreed.id = moved.contract_id {joins}
    WHERE moved.name = %(figure)s AND (%(whole)s OR {key} IS NOT DISTINCT FROM %(key)s::{type})
    ORDER BY moved.day DESC NULLS LAST, moved.source, moved.source_id DESC LIMIT %(most)s OFFSET %(start)s
"""
)

CASH_DAYS = """
    WITH mine(id) AS ({mine})
    SELECT count(DISTINCT contract.id),
           sum(entry.amount_base * (receipt.cash_on - contract.signed_on)) / nullif(sum(entry.amount_base), 0)
    FROM contracts_receipt receipt JOIN contracts_allocation entry ON entry.receipt_id = receipt.id
    JOIN contracts_contract contract ON contract.id = entry.contract_id JOIN mine ON mine.id = contract.id
    LEFT JOIN contracts_allocation undone ON undone.undoes_id = entry.id
    WHERE receipt.cash_on BETWEEN %(since)s AND %(until)s AND entry.undoes_id IS NULL AND undone.id IS NULL
"""

_SELLER = "coalesce(contract.owner_id, seller.owner_id)"
_SELLERS = "LEFT JOIN customers_customer seller ON seller.id = moved.customer_id"

DIMENSIONS: dict[str, dict[str, str]] = {
    "customer": {"key": "moved.customer_id", "joins": "", "share": "", "type": "bigint"},
    "rep": {"key": _SELLER, "joins": _SELLERS, "share": "", "type": "bigint"},
    "team": {
        "key": "team.team_id",
        "joins": f"""{_SELLERS} LEFT JOIN LATERAL (
            SELECT membership.team_id FROM people_membership membership
            WHERE membership.user_id = {_SELLER} AND membership.started_on <= %(today)s
              AND (membership.ended_on IS NULL OR membership.ended_on > %(today)s)
            ORDER BY membership.started_on, membership.id LIMIT 1
        ) team ON true""",
        "share": "",
        "type": "bigint",
    },
    "product": {
        "key": "line.product_id",
        "joins": """LEFT JOIN contracts_contract priced ON priced.id = moved.contract_id AND priced.amount <> 0
            LEFT JOIN contracts_lineterms line ON line.version_id = contract.version_in_force_id
                AND priced.id IS NOT NULL AND (moved.line_id IS NULL OR line.line_id = moved.line_id)""",
        "share": """ * CASE WHEN moved.line_id IS NULL AND line.id IS NOT NULL THEN line.amount / priced.amount
            ELSE 1 END""",
        "type": "bigint",
    },
    "month": {"key": "to_char(moved.day, 'YYYY-MM')", "joins": "", "share": "", "type": "text"},
    "custom": {
        "key": "CASE WHEN contract.id IS NULL THEN NULL WHEN contract.is_first THEN 'new' ELSE 'existing' END",
        "joins": "",
        "share": "",
        "type": "text",
    },
}
"""How movements are grouped. A product gets the share of its line in the contract where a movement names no line."""
