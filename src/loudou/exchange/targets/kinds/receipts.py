"""Receipts of every form with what they pay, and refunds."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loudou.exchange.choices import Mode, ObjectKind, PaymentForm
from loudou.exchange.targets.kinds.base import CONTRACT, CUSTOMER, Kind
from loudou.exchange.targets.target import Target, ValueType

V = ValueType

RECEIPTS = Kind(
    ObjectKind.RECEIPTS,
    (
        Target("number", _("Receipt number"), sample="SK2025-101", length=60),
        *CUSTOMER,
        Target("received_on", _("Received, or paid back"), V.DATE, "2025-04-02", required=True),
        Target("amount", _("Amount (negative: refund)"), V.MONEY, "67800", required=True),
        Target("currency", _("Currency"), V.CURRENCY, "CNY"),
        Target("form", _("Form of payment"), V.CHOICE, "Bank transfer", choices=PaymentForm),
        CONTRACT,
        Target("instalment", _("Instalment: number or name"), sample="1", length=120),
        Target("part_amount", _("Amount for this contract or instalment"), V.MONEY),
        Target("allocate", _("Put on open instalments, the oldest first"), V.TRUTH),
        Target("payer", _("Payer"), length=255),
        Target("our_account", _("Our account"), length=100),
        Target("bank_reference", _("Bank reference"), length=100),
        Target("bill_number", _("Number of the bill"), length=60),
        Target("drawee", _("Drawee"), length=255),
        Target("matures_on", _("Matures"), V.DATE),
        Target("cash_on", _("Became money (bill honoured)"), V.DATE),
        Target("refund_of", _("Refund of receipt number"), length=60),
        Target("note", _("Note, or reason of the refund"), length=500),
    ),
    {
        "number": _("Receipt number"),
        "bank_reference": _("Our account and bank reference"),
        "same_payment": _("The same payment, where it has neither: customer, day, amount and all else the row says"),
    },
    creates_with="contracts.post_receipt",
    changes_with="contracts.post_receipt",
    line_targets=frozenset({"contract", "instalment", "part_amount"}),
    is_posted=True,
    is_known_by_any_key=True,
    modes=(Mode.CREATE,),
)
