"""What `loudou repair` computes anew about contracts: every balance, from the entries."""

from __future__ import annotations

from collections.abc import Iterator

from loudou.contracts import ledger_checks
from loudou.contracts.models import Instalment
from loudou.contracts.services.payment_evidence import report_instalments
from loudou.core import clock
from loudou.core.actors import SYSTEM
from loudou.core.rates import company
from loudou.core.repairs import Columns, Difference, repair
from loudou.customers.models import StandingEvidence
from loudou.pipeline.services.valuing import Books

INSTALMENT = "contracts.instalment"

repair("contracts.receipts", place=30)(
    Columns(
        "contracts_receipt",
        "contracts.receipt",
        ("allocated", "refunded", "reversed", "used_base", "cash_on"),
        """
        SELECT receipt.id, coalesce(used.amount, 0) AS allocated, coalesce(given.amount, 0) AS refunded,
               CASE WHEN reversal.id IS NULL THEN 0 ELSE receipt.amount END AS reversed,
               coalesce(used.base, 0) + coalesce(given.base, 0) AS used_base,
               CASE WHEN receipt.kind = 'bill' THEN event."on" ELSE receipt.received_on END AS cash_on
        FROM contracts_receipt receipt
        LEFT JOIN (
            SELECT receipt_id, sum(amount) AS amount, sum(amount_base) AS base FROM contracts_allocation GROUP BY 1
        ) used ON used.receipt_id = receipt.id
        LEFT JOIN (
            SELECT refund.receipt_id, sum(refund.amount) AS amount, sum(refund.receipt_base) AS base
            FROM contracts_refund refund LEFT JOIN contracts_reversal back ON back.refund_id = refund.id
            WHERE back.id IS NULL GROUP BY 1
        ) given ON given.receipt_id = receipt.id
        LEFT JOIN contracts_reversal reversal ON reversal.receipt_id = receipt.id
        LEFT JOIN contracts_billevent event ON event.receipt_id = receipt.id AND event.step <> 'dishonoured'
        """,
    )
)
repair("contracts.instalments", place=31)(
    Columns(
        "contracts_instalment",
        INSTALMENT,
        ("allocated", "settled_base", "cash", "is_in_force"),
        """
        SELECT instalment.id, coalesce(paid.amount, 0) AS allocated, coalesce(paid.base, 0) AS settled_base,
               coalesce(paid.cash, 0) AS cash, plan.state = 'in_force' AS is_in_force
        FROM contracts_instalment instalment JOIN contracts_paymentplan plan ON plan.id = instalment.plan_id
        LEFT JOIN (
            SELECT entry.instalment_id, sum(entry.amount) AS amount, sum(entry.booked_base) AS base,
                   coalesce(sum(entry.amount) FILTER (WHERE receipt.cash_on IS NOT NULL), 0) AS cash
            FROM contracts_allocation entry JOIN contracts_receipt receipt ON receipt.id = entry.receipt_id GROUP BY 1
        ) paid ON paid.instalment_id = instalment.id
        """,
    )
)
repair("contracts.lines", place=32)(
    Columns(
        "contracts_contractline",
        "contracts.contractline",
        ("ordered", "ordered_amount", "delivered", "delivered_amount"),
        """
        SELECT line.id, coalesce(terms.quantity, 0) AS ordered, coalesce(terms.amount, 0) AS ordered_amount,
               coalesce(sent.quantity, 0) AS delivered, coalesce(sent.amount, 0) AS delivered_amount
        FROM contracts_contractline line JOIN contracts_contract contract ON contract.id = line.contract_id
        LEFT JOIN contracts_lineterms terms
            ON terms.line_id = line.id AND terms.version_id = contract.version_in_force_id
        LEFT JOIN (
            SELECT line_id, sum(quantity) AS quantity, sum(amount) AS amount FROM contracts_deliveryline GROUP BY 1
        ) sent ON sent.line_id = line.id
        """,
    )
)
repair("contracts.invoices", place=33)(
    Columns(
        "contracts_contractline",
        "contracts.contractline",
        ("invoiced_amount",),
        """
        SELECT line.id, coalesce(billed.amount, 0) AS invoiced_amount FROM contracts_contractline line LEFT JOIN (
            SELECT line_id, sum(amount) AS amount FROM contracts_invoiceline GROUP BY 1
        ) billed ON billed.line_id = line.id
        """,
    )
)
repair("contracts.bank_lines", place=34)(
    Columns(
        "contracts_statementline",
        "contracts.statementline",
        ("posted_amount",),
        """
        SELECT line.id, coalesce(made.amount, 0) AS posted_amount FROM contracts_statementline line LEFT JOIN (
            SELECT posting.line_id, sum(posting.amount) AS amount
            FROM contracts_statementposting posting JOIN contracts_receipt receipt ON receipt.id = posting.receipt_id
            WHERE receipt.reversed = 0 GROUP BY 1
        ) made ON made.line_id = line.id
        """,
    )
)


@repair("contracts.payment_evidence", place=52)
def payment_evidence() -> Iterator[Difference]:
    """Report again what was paid and what is due, where the customers' phases know something else."""
    records = sorted(finding.record for finding in ledger_checks.payment_evidence())
    contracts = [int(record.rpartition(" ")[2]) for record in records if record.startswith("contracts.contract ")]
    wrong = {int(record.rpartition(" ")[2]) for record in records if record.startswith(INSTALMENT)}
    wrong |= {*Instalment.objects.in_force().filter(contract__in=contracts).values_list("pk", flat=True)}
    before = _told(wrong)
    books = Books.load({company().base_currency})
    report_instalments(SYSTEM, wrong, at=clock.now(), books=books, cause="repair")
    after = _told(wrong)
    for pk in sorted(wrong):
        if before.get(pk) != after.get(pk):
            yield Difference(f"{INSTALMENT} {pk}", "evidence", before.get(pk), after.get(pk))
    for pk in contracts:
        yield Difference(f"contracts.contract {pk}", "first instalment received", None, None)


def _told(instalment_ids: set[int]) -> dict[int, str]:
    rows = StandingEvidence.objects.filter(subject_model=INSTALMENT, subject_id__in=instalment_ids)
    return {row.subject_id: f"{row.due_on or ''} {row.settled_on or ''}".strip() for row in rows}
