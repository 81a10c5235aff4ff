"""Invoices against contracts: blue ones, and red ones that take them back."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from loudou.contracts.choices import InvoiceKind
from loudou.exchange.choices import Mode, ObjectKind
from loudou.exchange.targets.kinds.base import CONTRACT, Kind
from loudou.exchange.targets.target import Target, ValueType

V = ValueType

INVOICES = Kind(
    ObjectKind.INVOICES,
    (
        Target("number", _("Invoice number"), sample="24952000000012345678", required=True, length=60),
        replace(CONTRACT, required=True),
        Target("issued_on", _("Issued"), V.DATE, "2025-04-10", required=True),
        Target("amount", _("Amount with tax (negative: red)"), V.MONEY, "113000"),
        Target("currency", _("Currency"), V.CURRENCY, "CNY"),
        Target("tax_rate", _("Tax rate"), V.SHARE, "13%"),
        Target("line", _("Line of the contract: number or description"), sample="1", length=255),
        Target("invoice_kind", _("Kind of invoice"), V.CHOICE, "Special VAT invoice", choices=InvoiceKind),
        Target("corrects", _("Takes back invoice number (red)"), length=60),
        Target("title", _("Invoice title"), length=255),
        Target("tax_number", _("Tax number"), length=40),
        Target("note", _("Note, or reason of the red invoice"), length=500),
    ),
    {"number": _("Invoice number")},
    creates_with="contracts.invoice",
    changes_with="contracts.invoice",
    line_targets=frozenset({"amount", "tax_rate", "line"}),
    is_posted=True,
    is_known_by_any_key=True,
    modes=(Mode.CREATE,),
)
