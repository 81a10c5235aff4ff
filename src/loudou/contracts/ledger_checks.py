"""What `loudou check` proves about the ledger: every balance follows from the entries, to the cent.

Each check is one statement over whole tables, so that a million entries take seconds.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from django.utils.translation import gettext_lazy as _

from loudou.core.checks import Finding, Sentence, check

_RECEIPTS = """
    WITH used AS (
        SELECT receipt_id, sum(amount) AS amount, sum(amount_base) AS base FROM contracts_allocation GROUP BY receipt_id
    ), given AS (
        SELECT refund.receipt_id, sum(refund.amount) AS amount, sum(refund.receipt_base) AS base
        FROM contracts_refund refund LEFT JOIN contracts_reversal back ON back.refund_id = refund.id
        WHERE back.id IS NULL GROUP BY refund.receipt_id
    )
    SELECT receipt.id FROM contracts_receipt receipt
    LEFT JOIN used ON used.receipt_id = receipt.id
    LEFT JOIN given ON given.receipt_id = receipt.id
    LEFT JOIN contracts_reversal reversal ON reversal.receipt_id = receipt.id
    LEFT JOIN contracts_billevent event ON event.receipt_id = receipt.id AND event.step <> 'dishonoured'
    WHERE receipt.allocated <> coalesce(used.amount, 0) OR receipt.refunded <> coalesce(given.amount, 0)
       OR receipt.used_base <> coalesce(used.base, 0) + coalesce(given.base, 0)
       OR receipt.reversed <> CASE WHEN reversal.id IS NULL THEN 0 ELSE receipt.amount END
       OR receipt.cash_on IS DISTINCT FROM CASE WHEN receipt.kind = 'bill' THEN event."on" ELSE receipt.received_on END
       OR receipt.amount < receipt.allocated + receipt.refunded + receipt.reversed
    ORDER BY receipt.id
"""
_INSTALMENTS = """
    SELECT instalment.id FROM contracts_instalment instalment
    JOIN contracts_paymentplan plan ON plan.id = instalment.plan_id
    LEFT JOIN (
        SELECT allocation.instalment_id, sum(allocation.amount) AS amount, sum(allocation.booked_base) AS base,
               coalesce(sum(allocation.amount) FILTER (WHERE receipt.cash_on IS NOT NULL), 0) AS cash
        FROM contracts_allocation allocation JOIN contracts_receipt receipt ON receipt.id = allocation.receipt_id
        GROUP BY allocation.instalment_id
    ) paid ON paid.instalment_id = instalment.id
    WHERE instalment.allocated <> coalesce(paid.amount, 0) OR instalment.settled_base <> coalesce(paid.base, 0)
       OR instalment.cash <> coalesce(paid.cash, 0) OR instalment.allocated > instalment.amount
       OR instalment.is_in_force <> (plan.state = 'in_force')
    ORDER BY instalment.id
"""
_ALLOCATIONS = """
    SELECT entry.id FROM contracts_allocation entry
    JOIN contracts_receipt receipt ON receipt.id = entry.receipt_id
    JOIN contracts_instalment instalment ON instalment.id = entry.instalment_id
    LEFT JOIN contracts_allocation undone ON undone.id = entry.undoes_id
    WHERE entry.currency <> receipt.currency OR entry.currency <> instalment.currency
       OR receipt.customer_id <> instalment.customer_id OR entry.contract_id <> instalment.contract_id
       OR (undone.id IS NOT NULL AND (undone.amount <> -entry.amount OR undone.amount_base <> -entry.amount_base
           OR undone.booked_base <> -entry.booked_base OR undone.receipt_id <> entry.receipt_id
           OR undone.instalment_id <> entry.instalment_id OR undone.undoes_id IS NOT NULL))
    ORDER BY entry.id
"""
_DIFFERENCES = """
    WITH expected AS (
        SELECT 'allocation' AS kind, id, amount_base - booked_base AS amount FROM contracts_allocation
        WHERE amount_base <> booked_base
        UNION ALL
        SELECT 'refund', id, receipt_base - amount_base FROM contracts_refund WHERE receipt_base <> amount_base
        UNION ALL
        SELECT 'reversal', back.id, refund.amount_base - refund.receipt_base
        FROM contracts_reversal back JOIN contracts_refund refund ON refund.id = back.refund_id
        WHERE refund.receipt_base <> refund.amount_base
    ), written AS (
        SELECT CASE WHEN allocation_id IS NOT NULL THEN 'allocation' WHEN refund_id IS NOT NULL THEN 'refund'
                    ELSE 'reversal' END AS kind,
               coalesce(allocation_id, refund_id, reversal_id) AS id, amount_base AS amount
        FROM contracts_exchangedifference
    )
    SELECT kind || ' ' || id FROM expected FULL JOIN written USING (kind, id)
    WHERE expected.amount IS DISTINCT FROM written.amount ORDER BY kind, id
"""
_CLOSING = """
    WITH moved AS (
        SELECT customer_id, amount_base AS cash, 0 AS settled, 0 AS gained,
               CASE WHEN reversed = 0 THEN amount_base - used_base ELSE 0 END AS advance,
               CASE WHEN reversed = 0 THEN 0 ELSE amount_base END AS reversed
        FROM contracts_receipt
        UNION ALL
        SELECT refund.customer_id, -refund.amount_base, 0, 0, 0, 0
        FROM contracts_refund refund LEFT JOIN contracts_reversal back ON back.refund_id = refund.id
        WHERE back.id IS NULL
        UNION ALL
        SELECT customer_id, 0, settled_base, 0, 0, 0 FROM contracts_instalment
        UNION ALL
        SELECT customer_id, 0, 0, amount_base, 0, 0 FROM contracts_exchangedifference
    )
    SELECT customer_id FROM moved GROUP BY customer_id
    HAVING sum(cash) - sum(reversed) <> sum(settled) + sum(gained) + sum(advance) ORDER BY customer_id
"""
_PLANS = """
    SELECT contract.id FROM contracts_contract contract
    LEFT JOIN contracts_paymentplan plan ON plan.contract_id = contract.id AND plan.state = 'in_force'
    LEFT JOIN (
        SELECT plan_id, sum(amount) AS amount, min(currency) AS first_currency, max(currency) AS last_currency
        FROM contracts_instalment GROUP BY plan_id
    ) parts ON parts.plan_id = plan.id
    WHERE contract.version_in_force_id IS NOT NULL AND (
        (plan.id IS NULL AND contract.amount > 0)
        OR (plan.id IS NOT NULL AND (
            plan.total <> coalesce(parts.amount, 0) OR plan.currency <> contract.currency
            OR parts.first_currency <> plan.currency OR parts.last_currency <> plan.currency
            OR plan.customer_id <> contract.customer_id OR plan.total > contract.amount
            OR (plan.total < contract.amount AND contract.state <> 'terminated'))))
    ORDER BY contract.id
"""
_DUE = """
    WITH delivered AS (
        SELECT delivery.contract_id, min(delivery."on") AS day
        FROM contracts_delivery delivery
        WHERE delivery.returns_id IS NULL AND delivery.amount + coalesce((
            SELECT sum(back.amount) FROM contracts_delivery back WHERE back.returns_id = delivery.id), 0) > 0
        GROUP BY delivery.contract_id
    ), invoiced AS (
        SELECT blue.contract_id, min(blue.issued_on) AS day
        FROM contracts_invoice blue
        WHERE blue.corrects_id IS NULL AND blue.amount + coalesce((
            SELECT sum(red.amount) FROM contracts_invoice red WHERE red.corrects_id = blue.id), 0) > 0
        GROUP BY blue.contract_id
    ), events AS (
        SELECT instalment.id, instalment.due_on, instalment.basis, instalment.fixed_on,
               make_interval(months => instalment.offset_months) AS months, instalment.offset_days AS days,
               CASE instalment.basis
                    WHEN 'signing' THEN contract.signed_on WHEN 'delivery' THEN contract.delivered_on
                    WHEN 'acceptance' THEN contract.accepted_on WHEN 'first_delivery' THEN delivered.day
                    WHEN 'invoice' THEN invoiced.day END AS day
        FROM contracts_instalment instalment JOIN contracts_contract contract ON contract.id = instalment.contract_id
        LEFT JOIN delivered ON delivered.contract_id = contract.id
        LEFT JOIN invoiced ON invoiced.contract_id = contract.id
        WHERE instalment.is_in_force
    )
    SELECT id FROM events
    WHERE due_on IS DISTINCT FROM CASE WHEN basis = 'date' THEN fixed_on ELSE (day + months)::date + days END
    ORDER BY id
"""
_INVOICES = """
    SELECT invoice.id FROM contracts_invoice invoice
    LEFT JOIN (
        SELECT invoice_id, sum(net_amount) AS net, sum(tax_amount) AS tax FROM contracts_invoiceline GROUP BY invoice_id
    ) lines ON lines.invoice_id = invoice.id
    WHERE invoice.net_amount IS DISTINCT FROM lines.net OR invoice.tax_amount IS DISTINCT FROM lines.tax
    ORDER BY invoice.id
"""
_INVOICED = """
    SELECT line.id FROM contracts_contractline line
    LEFT JOIN (
        SELECT line_id, sum(amount) AS amount FROM contracts_invoiceline GROUP BY line_id
    ) billed ON billed.line_id = line.id
    WHERE line.invoiced_amount <> coalesce(billed.amount, 0) OR line.invoiced_amount > line.ordered_amount
    ORDER BY line.id
"""
_CREDITED = """
    SELECT blue.id FROM contracts_invoiceline blue
    LEFT JOIN (
        SELECT corrects_id, sum(amount) AS amount FROM contracts_invoiceline WHERE corrects_id IS NOT NULL
        GROUP BY corrects_id
    ) red ON red.corrects_id = blue.id
    WHERE blue.credited <> -coalesce(red.amount, 0) ORDER BY blue.id
"""
_BANK = """
    SELECT line.id FROM contracts_statementline line
    LEFT JOIN (
        SELECT posting.line_id, sum(posting.amount) AS amount
        FROM contracts_statementposting posting JOIN contracts_receipt receipt ON receipt.id = posting.receipt_id
        WHERE receipt.reversed = 0 GROUP BY posting.line_id
    ) made ON made.line_id = line.id
    WHERE line.posted_amount <> coalesce(made.amount, 0) OR (line.posted_amount > line.amount AND line.amount > 0)
    ORDER BY line.id
"""
_EVIDENCE = """
    WITH owed AS (
        SELECT instalment.id, instalment.customer_id, instalment.contract_id, instalment.position, instalment.due_on,
               CASE WHEN instalment.cash = instalment.amount THEN (
                   SELECT max(receipt.cash_on) FROM contracts_allocation entry
                   JOIN contracts_receipt receipt ON receipt.id = entry.receipt_id
                   LEFT JOIN contracts_allocation undone ON undone.undoes_id = entry.id
                   WHERE entry.instalment_id = instalment.id AND entry.undoes_id IS NULL AND undone.id IS NULL
               ) END AS settled_on
        FROM contracts_instalment instalment WHERE instalment.is_in_force
    ), told AS (
        SELECT subject_id AS id, customer_id, due_on, settled_on FROM customers_standingevidence
        WHERE kind = 'instalment' AND subject_model = 'contracts.instalment'
    )
    SELECT 'contracts.instalment ' || coalesce(owed.id, told.id) FROM owed FULL JOIN told USING (id)
    WHERE (owed.customer_id, owed.due_on, owed.settled_on)
        IS DISTINCT FROM (told.customer_id, told.due_on, told.settled_on)
    UNION ALL
    SELECT 'contracts.contract ' || coalesce(first.contract_id, said.subject_id)
    FROM (SELECT contract_id FROM owed WHERE position = 1 AND settled_on IS NOT NULL) first
    FULL JOIN (
        SELECT subject_id FROM customers_standingevidence
        WHERE kind = 'first_instalment_received' AND subject_model = 'contracts.contract'
    ) said ON said.subject_id = first.contract_id
    WHERE first.contract_id IS NULL OR said.subject_id IS NULL
    ORDER BY 1
"""


@check(
    "contracts.receipts",
    _("What is allocated, refunded and reversed of each receipt is the sum of its entries, and no more than came in."),
)
def receipts() -> Iterator[Finding]:
    """Add up the entries of each receipt."""
    return _findings("receipt", _RECEIPTS, _("Its balances are not the sums of its entries."))


@check(
    "contracts.instalments",
    _("What is paid of each instalment, in all and in money, is the sum of its allocations, and no more than it asks."),
)
def instalments() -> Iterator[Finding]:
    """Add up the allocations of each instalment."""
    return _findings("instalment", _INSTALMENTS, _("Its balances are not the sums of its allocations."))


@check(
    "contracts.allocations",
    _("Each allocation joins a receipt and an instalment of one customer and currency; an undoing one is its mirror."),
)
def allocations() -> Iterator[Finding]:
    """Compare each allocation with what it joins, and with what it undoes."""
    return _findings("allocation", _ALLOCATIONS, _("It does not fit its receipt, its instalment or what it undoes."))


@check("contracts.exchange", _("Each difference of exchange rates has its line, and each line its cause."))
def exchange() -> Iterator[Finding]:
    """Compare the lines with the entries that cause them."""
    return _findings("", _DIFFERENCES, _("Its exchange difference is missing, wrong, or not its own."))


@check(
    "contracts.base_currency",
    _("Per customer, money received less refunded is what was settled as booked, plus exchange gains, plus advances."),
)
def base_currency() -> Iterator[Finding]:
    """Close the books of each customer in base currency."""
    return _findings("customers.customer", _CLOSING, _("Its money in base currency does not close."))


@check("contracts.payment_plans", _("Each signed contract has a payment plan in force that adds up to its amount."))
def payment_plans() -> Iterator[Finding]:
    """Add up the instalments of each plan in force."""
    return _findings("contract", _PLANS, _("Its payment plan is missing or not its amount."))


@check("contracts.due_dates", _("Each instalment is due on its day, or on the day its event says."))
def due_dates() -> Iterator[Finding]:
    """Derive the due days from signing, deliveries, acceptances and invoices."""
    return _findings("instalment", _DUE, _("Its due day is not what its event says."))


@check(
    "contracts.invoices", _("Each invoice is the sum of its lines, and no line is invoiced beyond what was ordered.")
)
def invoices() -> Iterator[Finding]:
    """Add up invoices, and what is invoiced and taken back of each line."""
    yield from _findings("invoice", _INVOICES, _("It is not the sum of its lines."))
    yield from _findings("contractline", _INVOICED, _("What is invoiced of it is not the sum of its invoice lines."))
    yield from _findings("invoiceline", _CREDITED, _("What is taken back of it is not the sum of its red lines."))


@check("contracts.bank_lines", _("What is posted of each bank line is the sum of the receipts made from it."))
def bank_lines() -> Iterator[Finding]:
    """Add up the receipts of each bank line."""
    return _findings("statementline", _BANK, _("What is posted of it is not the sum of its receipts."))


@check("contracts.payment_evidence", _("The customers' phases know of each instalment what the ledger knows."))
def payment_evidence() -> Iterator[Finding]:
    """Compare the evidence that holds with the instalments in force."""
    return _findings("", _EVIDENCE, _("The evidence about it is not what the ledger says."))


def _findings(model: str, sql: str, problem: Sentence) -> Iterator[Finding]:
    label = model if "." in model or not model else f"contracts.{model}"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        for (key,) in cursor.fetchall():
            record = f"{label} {key}" if label else str(key) if "." in str(key) else f"contracts.{key}"
            yield Finding(record, problem)
