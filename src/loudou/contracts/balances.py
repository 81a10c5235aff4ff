"""How entries move balances: the SQL of the ledger's triggers, one group for each kind of entry.

The order is the same everywhere: first the UPDATE of the balance rows, which locks them and lets their CHECK
constraints refuse an overdraft; then, with the rows locked, what must be true of the entries themselves.
"""

from __future__ import annotations

import pgtrigger

from loudou.contracts.guards import entries, refuse

_ALLOCATE = """
    UPDATE contracts_receipt receipt
    SET allocated = receipt.allocated {sign} moved.amount, used_base = receipt.used_base {sign} moved.amount_base
    FROM (
        SELECT receipt_id, sum(amount) AS amount, sum(amount_base) AS amount_base FROM entries GROUP BY receipt_id
    ) moved
    WHERE receipt.id = moved.receipt_id;

    UPDATE contracts_instalment instalment
    SET allocated = instalment.allocated {sign} moved.amount,
        settled_base = instalment.settled_base {sign} moved.booked_base,
        cash = instalment.cash {sign} moved.cash
    FROM (
        SELECT entry.instalment_id, sum(entry.amount) AS amount, sum(entry.booked_base) AS booked_base,
               coalesce(sum(entry.amount) FILTER (WHERE receipt.cash_on IS NOT NULL), 0) AS cash
        FROM entries entry JOIN contracts_receipt receipt ON receipt.id = entry.receipt_id
        GROUP BY entry.instalment_id
    ) moved
    WHERE instalment.id = moved.instalment_id;
"""

_ALLOCATION_FACTS = """
    IF EXISTS (
        SELECT FROM entries entry
        JOIN contracts_receipt receipt ON receipt.id = entry.receipt_id
        JOIN contracts_instalment instalment ON instalment.id = entry.instalment_id
        WHERE entry.currency <> receipt.currency OR entry.currency <> instalment.currency
    ) THEN {currencies} END IF;
    IF EXISTS (
        SELECT FROM entries entry
        JOIN contracts_receipt receipt ON receipt.id = entry.receipt_id
        JOIN contracts_instalment instalment ON instalment.id = entry.instalment_id
        LEFT JOIN contracts_allocation undone ON undone.id = entry.undoes_id
        WHERE receipt.customer_id <> instalment.customer_id OR entry.contract_id <> instalment.contract_id
           OR (entry.undoes_id IS NULL AND NOT instalment.is_in_force)
           OR (entry.undoes_id IS NOT NULL AND (
                  undone.receipt_id, undone.instalment_id, undone.amount, undone.amount_base, undone.booked_base
               ) IS DISTINCT FROM (
                  entry.receipt_id, entry.instalment_id, -entry.amount, -entry.amount_base, -entry.booked_base))
    ) THEN {facts} END IF;
    INSERT INTO contracts_exchangedifference (customer_id, contract_id, allocation_id, currency, amount_base, "on")
    SELECT receipt.customer_id, entry.contract_id, entry.id, entry.currency, entry.amount_base - entry.booked_base,
           entry."on"
    FROM entries entry JOIN contracts_receipt receipt ON receipt.id = entry.receipt_id
    WHERE entry.amount_base <> entry.booked_base;
"""


def allocations() -> list[pgtrigger.Trigger]:
    """An allocation uses a receipt and settles an instalment; a difference of rates becomes a line of its own."""
    facts = _ALLOCATION_FACTS.format(
        currencies=refuse(
            "an allocation, its receipt and its instalment are in one currency", "allocation_one_currency"
        ),
        facts=refuse(
            "an allocation joins a receipt and an instalment in force of one customer, or undoes another exactly",
            "allocation_fits",
        ),
    )
    undone = "DELETE FROM contracts_exchangedifference line USING entries entry WHERE line.allocation_id = entry.id;"
    return entries(insert=_ALLOCATE.format(sign="+") + facts, delete=undone + _ALLOCATE.format(sign="-"))


def refunds() -> list[pgtrigger.Trigger]:
    """A refund takes from what is left of a receipt; a difference of rates becomes a line of its own."""
    move = """
        UPDATE contracts_receipt receipt
        SET refunded = receipt.refunded {sign} moved.amount, used_base = receipt.used_base {sign} moved.receipt_base
        FROM (
            SELECT receipt_id, sum(amount) AS amount, sum(receipt_base) AS receipt_base FROM entries GROUP BY receipt_id
        ) moved
        WHERE receipt.id = moved.receipt_id;
    """
    facts = f"""
        IF EXISTS (
            SELECT FROM entries entry JOIN contracts_receipt receipt ON receipt.id = entry.receipt_id
            WHERE entry.currency <> receipt.currency OR entry.customer_id <> receipt.customer_id
        ) THEN {refuse("a refund is in the currency and of the customer of its receipt", "refund_fits")} END IF;
        INSERT INTO contracts_exchangedifference (customer_id, refund_id, currency, amount_base, "on")
        SELECT customer_id, id, currency, receipt_base - amount_base, refunded_on FROM entries
        WHERE receipt_base <> amount_base;
    """
    undone = "DELETE FROM contracts_exchangedifference line USING entries entry WHERE line.refund_id = entry.id;"
    return entries(insert=move.format(sign="+") + facts, delete=undone + move.format(sign="-"))


def reversals() -> list[pgtrigger.Trigger]:
    """A reversal takes back a whole receipt that nothing uses any more, or a whole refund."""
    move = """
        UPDATE contracts_receipt receipt SET reversed = {reversed}
        FROM entries entry WHERE receipt.id = entry.receipt_id;

        UPDATE contracts_receipt receipt
        SET refunded = receipt.refunded {sign} moved.amount, used_base = receipt.used_base {sign} moved.receipt_base
        FROM (
            SELECT refund.receipt_id, sum(refund.amount) AS amount, sum(refund.receipt_base) AS receipt_base
            FROM entries entry JOIN contracts_refund refund ON refund.id = entry.refund_id GROUP BY refund.receipt_id
        ) moved
        WHERE receipt.id = moved.receipt_id;

        UPDATE contracts_refund refund SET is_reversed = {is_reversed}
        FROM entries entry WHERE refund.id = entry.refund_id;

        UPDATE contracts_statementline line SET posted_amount = line.posted_amount {sign} moved.amount
        FROM (
            SELECT posting.line_id, sum(posting.amount) AS amount
            FROM entries entry JOIN contracts_statementposting posting ON posting.receipt_id = entry.receipt_id
            GROUP BY posting.line_id
        ) moved
        WHERE line.id = moved.line_id;
    """
    differences = """
        INSERT INTO contracts_exchangedifference (customer_id, reversal_id, currency, amount_base, "on")
        SELECT refund.customer_id, entry.id, refund.currency, refund.amount_base - refund.receipt_base, entry."on"
        FROM entries entry JOIN contracts_refund refund ON refund.id = entry.refund_id
        WHERE refund.receipt_base <> refund.amount_base;
    """
    undone = "DELETE FROM contracts_exchangedifference line USING entries entry WHERE line.reversal_id = entry.id;"
    return entries(
        insert=move.format(sign="-", reversed="receipt.amount", is_reversed="true") + differences,
        delete=undone + move.format(sign="+", reversed="0", is_reversed="false"),
    )


def bill_events() -> list[pgtrigger.Trigger]:
    """A bill that became money counts as cash from that day on, also on the instalments that it settles."""
    move = """
        UPDATE contracts_receipt receipt SET cash_on = {cash_on}
        FROM entries entry WHERE receipt.id = entry.receipt_id AND entry.step <> 'dishonoured';

        UPDATE contracts_instalment instalment SET cash = instalment.cash {sign} moved.amount
        FROM (
            SELECT allocation.instalment_id, sum(allocation.amount) AS amount
            FROM entries entry JOIN contracts_allocation allocation ON allocation.receipt_id = entry.receipt_id
            WHERE entry.step <> 'dishonoured' GROUP BY allocation.instalment_id
        ) moved
        WHERE instalment.id = moved.instalment_id;
    """
    facts = f"""
        IF EXISTS (
            SELECT FROM entries entry JOIN contracts_receipt receipt ON receipt.id = entry.receipt_id
            WHERE receipt.kind <> 'bill' OR receipt.reversed <> 0
        ) THEN {refuse("only a bill of exchange that stands is honoured or dishonoured", "bill_event_fits")} END IF;
    """
    return entries(
        insert=move.format(sign="+", cash_on='entry."on"') + facts, delete=move.format(sign="-", cash_on="NULL")
    )


def written_by_entries() -> pgtrigger.Trigger:
    """Exchange differences come from entries alone: no statement of a program writes one."""
    never = refuse("an exchange difference is written with the entry that caused it", "exchange_difference_follows")
    return pgtrigger.Trigger(
        name="written_by_entries",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
            IF pg_trigger_depth() < 2 THEN {never} END IF;
            RETURN NEW;
        """,
    )


def statement_postings() -> list[pgtrigger.Trigger]:
    """A bank line is used up by the receipts that are made from it."""
    move = """
        UPDATE contracts_statementline line SET posted_amount = line.posted_amount {sign} moved.amount
        FROM (SELECT line_id, sum(amount) AS amount FROM entries GROUP BY line_id) moved
        WHERE line.id = moved.line_id;
    """
    facts = f"""
        IF EXISTS (
            SELECT FROM entries entry
            JOIN contracts_statementline line ON line.id = entry.line_id
            JOIN contracts_receipt receipt ON receipt.id = entry.receipt_id
            WHERE line.currency <> receipt.currency OR entry.amount <> receipt.amount OR receipt.reversed <> 0
        ) THEN
            {refuse("a bank line is posted as a receipt of the same currency and amount", "statement_posting_fits")}
        END IF;
    """
    return entries(insert=move.format(sign="+") + facts, delete=move.format(sign="-"))
