"""How the database keeps invoices: never more than was ordered, a red one never more than its blue one."""

from __future__ import annotations

import pgtrigger

from loudou.contracts.guards import entries, refuse

_NOT_ITS_LINE = refuse(
    "an invoice has lines of its contract, a red one those of the blue one it names", "invoice_line_fits"
)
_SUMS = f"""
    IF EXISTS (
        SELECT FROM contracts_invoice invoice
        JOIN (
            SELECT invoice_id, sum(net_amount) AS net, sum(tax_amount) AS tax
            FROM contracts_invoiceline WHERE invoice_id = {{invoice}} GROUP BY invoice_id
        ) lines ON lines.invoice_id = invoice.id
        WHERE invoice.id = {{invoice}} AND (invoice.net_amount <> lines.net OR invoice.tax_amount <> lines.tax)
    ) OR NOT EXISTS (SELECT FROM contracts_invoiceline WHERE invoice_id = {{invoice}}) THEN
        {refuse("an invoice is the sum of its lines", "invoice_adds_up")}
    END IF;
    RETURN NULL;
"""


def invoice_lines() -> list[pgtrigger.Trigger]:
    """A line of an invoice moves what is invoiced of its contract line; a red one what is credited of its blue line."""
    move = """
        UPDATE contracts_contractline line SET invoiced_amount = line.invoiced_amount {sign} moved.amount
        FROM (SELECT line_id, sum(amount) AS amount FROM entries GROUP BY line_id) moved
        WHERE line.id = moved.line_id;

        UPDATE contracts_invoiceline blue SET credited = blue.credited {opposite} moved.amount
        FROM (
            SELECT corrects_id, sum(amount) AS amount FROM entries WHERE corrects_id IS NOT NULL GROUP BY corrects_id
        ) moved
        WHERE blue.id = moved.corrects_id;
    """
    facts = f"""
        IF EXISTS (
            SELECT FROM entries entry
            JOIN contracts_invoice invoice ON invoice.id = entry.invoice_id
            JOIN contracts_contractline line ON line.id = entry.line_id
            LEFT JOIN contracts_invoiceline blue ON blue.id = entry.corrects_id
            WHERE line.contract_id <> invoice.contract_id
               OR (entry.corrects_id IS NULL) <> (invoice.corrects_id IS NULL)
               OR (entry.corrects_id IS NOT NULL AND (blue.invoice_id, blue.line_id, blue.tax_rate)
                   IS DISTINCT FROM (invoice.corrects_id, entry.line_id, entry.tax_rate))
        ) THEN
            {_NOT_ITS_LINE}
        END IF;
    """
    return [
        *entries(
            insert=move.format(sign="+", opposite="-") + facts,
            delete=move.format(sign="-", opposite="+"),
        ),
        pgtrigger.Trigger(
            name="invoice_adds_up",
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            timing=pgtrigger.Deferred,
            func=_SUMS.format(invoice="NEW.invoice_id"),
        ),
    ]


def invoices() -> list[pgtrigger.Trigger]:
    """An invoice is in the currency and of the customer of its contract, and is the sum of its lines."""
    return [
        pgtrigger.Trigger(
            name="invoice_fits",
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            func=f"""
                IF NOT EXISTS (
                    SELECT FROM contracts_contract contract
                    LEFT JOIN contracts_invoice blue ON blue.id = NEW.corrects_id
                    WHERE contract.id = NEW.contract_id AND contract.customer_id = NEW.customer_id
                      AND contract.currency = NEW.currency
                      AND (NEW.corrects_id IS NULL
                           OR (blue.contract_id = NEW.contract_id AND blue.corrects_id IS NULL))
                ) THEN
                    {refuse("an invoice is of the customer and in the currency of its contract", "invoice_fits")}
                END IF;
                RETURN NULL;
            """,
        ),
        pgtrigger.Trigger(
            name="invoice_adds_up",
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            timing=pgtrigger.Deferred,
            func=_SUMS.format(invoice="NEW.id"),
        ),
    ]
