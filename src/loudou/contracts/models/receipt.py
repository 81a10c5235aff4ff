"""Money that came in, and the entries that take it back: refunds, reversals, and what became of a bill of exchange."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from loudou.contracts import balances
from loudou.contracts.accounts import account_key_of
from loudou.contracts.choices import BillStep, ReceiptKind
from loudou.contracts.guards import posted, starts_empty
from loudou.contracts.models.columns import LedgerQuerySet, balance, money, rate
from loudou.contracts.models.contract import Contract
from loudou.core import audit
from loudou.core.models.base import blank_text
from loudou.core.searchtext import search_document, search_index
from loudou.customers.models import Customer


class ReceiptQuerySet(LedgerQuerySet["Receipt"]):
    """Receipts, filtered in the words of finance."""

    def standing(self) -> Self:
        """Not reversed."""
        return self.filter(reversed=0)

    def with_advance(self) -> Self:
        """With money that is neither allocated nor given back."""
        return self.filter(available__gt=0)

    def bills(self) -> Self:
        """Bills of exchange that have not become money yet."""
        return self.standing().filter(kind=ReceiptKind.BILL, cash_on__isnull=True)


class Receipt(models.Model):
    """Money, or a bill or an asset instead of money, that a customer gave us. Posted once, never changed.

    `cash_on` is the day it became money: at once, except for a bill of exchange. `allocated`, `refunded` and
    `reversed` are balances that the database keeps from the entries; what is left is the customer's advance.
    """

    number = models.CharField(_("receipt number"), max_length=60, unique=True, blank=True, editable=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="receipts", verbose_name=_("customer")
    )
    contract = models.ForeignKey(
        Contract,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="receipts",
        verbose_name=_("contract"),
        help_text=_("The contract that the payer named, if any."),
    )
    kind = models.CharField(_("form of payment"), max_length=10, choices=ReceiptKind.choices)
    currency = models.CharField(_("currency"), max_length=3)
    amount = money(_("amount"))
    received_on = models.DateField(_("received"))
    rate = rate(_("exchange rate"))
    amount_base = money(_("amount in base currency"), editable=False)
    payer = blank_text(_("payer"), 255)
    account = blank_text(_("our account"), 100)
    bank_reference = blank_text(_("bank reference"), 100)
    bill_number = blank_text(_("number of the bill"), 60)
    drawee = blank_text(_("drawee"), 255, help_text=_("Who pays the bill when it matures: a bank or a company."))
    matures_on = models.DateField(_("matures"), null=True, blank=True)
    note = blank_text(_("note"), 500)
    key = blank_text(_("key"), 200, editable=False)
    posted_at = models.DateTimeField(_("posted"), editable=False)
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("posted by")
    )
    cash_on = models.DateField(_("became money"), null=True, editable=False)
    allocated = balance(_("allocated"))
    refunded = balance(_("refunded"))
    reversed = balance(_("reversed"))
    used_base = balance(_("allocated or refunded, in base currency"))
    available = models.GeneratedField(
        verbose_name=_("advance"),
        expression=F("amount") - F("allocated") - F("refunded") - F("reversed"),
        output_field=models.DecimalField(max_digits=19, decimal_places=4),
        db_persist=True,
    )
    search_text = search_document("number", "payer", "bank_reference", "bill_number")

    objects: ClassVar[ReceiptQuerySet] = ReceiptQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["-received_on", "-pk"]
        constraints = [
            models.CheckConstraint(name="receipt_is_numbered", condition=~Q(number="")),
            models.CheckConstraint(
                name="receipt_amount_positive",
                condition=Q(amount__gt=0),
                violation_error_message=_("The amount must be greater than zero."),
            ),
            models.CheckConstraint(
                name="receipt_bill_matures",
                condition=Q(kind=ReceiptKind.BILL, matures_on__isnull=False)
                | (~Q(kind=ReceiptKind.BILL) & Q(matures_on__isnull=True)),
                violation_error_message=_(
                    "A bill of exchange needs the day on which it matures; nothing else has one."
                ),
            ),
            models.CheckConstraint(
                name="receipt_balances_not_negative", condition=Q(allocated__gte=0, refunded__gte=0)
            ),
            models.CheckConstraint(
                name="receipt_not_overdrawn",
                condition=Q(amount__gte=F("allocated") + F("refunded") + F("reversed")),
                violation_error_message=_("More would be allocated or given back than was received."),
            ),
            models.CheckConstraint(name="receipt_reversed_whole", condition=Q(reversed=0) | Q(reversed=F("amount"))),
            models.CheckConstraint(
                name="receipt_base_closes",
                condition=(~Q(amount=F("allocated") + F("refunded")) | Q(used_base=F("amount_base")))
                & (Q(allocated__gt=0) | Q(refunded__gt=0) | Q(used_base=0)),
            ),
            models.UniqueConstraint(
                fields=["key"],
                name="receipt_key_once",
                condition=~Q(key=""),
                violation_error_message=_("This receipt was already posted."),
            ),
            models.UniqueConstraint(
                F("bank_reference"),
                account_key_of("account"),
                name="receipt_bank_reference_once",
                condition=Q(reversed=0) & ~Q(bank_reference=""),
                violation_error_message=_("A receipt with this bank reference is already posted."),
            ),
        ]
        indexes = [
            search_index("receipt_search"),
            models.Index(fields=["customer", "-received_on"], name="receipt_customer"),
            models.Index(fields=["contract"], condition=Q(contract__isnull=False), name="receipt_contract"),
            models.Index(fields=["-received_on", "-id"], name="receipt_received"),
            models.Index(
                fields=["customer", "currency", "received_on", "id"],
                condition=Q(available__gt=0),
                name="receipt_advance",
            ),
            models.Index(
                fields=["matures_on"],
                condition=Q(kind=ReceiptKind.BILL, cash_on__isnull=True, reversed=0),
                name="receipt_bill_open",
            ),
        ]
        triggers = [
            *posted(
                "receipt",
                balances=("cash_on", "allocated", "refunded", "reversed", "used_base"),
                generated=("available", "search_text"),
            ),
            *audit.audited(exclude=("search_text", "allocated", "refunded", "reversed", "used_base", "available")),
            starts_empty(
                allocated="0",
                refunded="0",
                reversed="0",
                used_base="0",
                cash_on="CASE WHEN NEW.kind = 'bill' THEN NULL ELSE NEW.received_on END",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_reversed(self) -> bool:
        """Whether an entry took the receipt back as a mistake."""
        return bool(self.reversed)

    @property
    def is_cash(self) -> bool:
        """Whether it counts as money: everything but a bill that was not honoured yet."""
        return self.cash_on is not None


class BillEvent(models.Model):
    """What became of a bill of exchange, and when. A bill counts as money from the day it was honoured on."""

    receipt = models.OneToOneField(
        Receipt, on_delete=models.PROTECT, related_name="bill_event", verbose_name=_("receipt")
    )
    step = models.CharField(_("what happened"), max_length=12, choices=BillStep.choices)
    on = models.DateField(_("on"))
    note = blank_text(_("note"), 500)
    at = models.DateTimeField(_("recorded"), editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )

    class Meta:
        verbose_name = _("event of a bill")
        verbose_name_plural = _("events of bills")
        triggers = [*posted("bill event"), *audit.audited(), *balances.bill_events()]

    def __str__(self) -> str:
        return f"{self.receipt}: {self.get_step_display()} {self.on}"


class RefundQuerySet(LedgerQuerySet["Refund"]):
    """Money that was paid back."""


class Refund(models.Model):
    """Money of a receipt that was paid back to the customer: an entry of its own, taken from what is not allocated.

    `amount_base` is what it cost at the rate of its day, `receipt_base` what the same money was worth when it came in.
    """

    number = models.CharField(_("refund number"), max_length=60, unique=True, blank=True, editable=False)
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="refunds", verbose_name=_("receipt"))
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="refunds", verbose_name=_("customer"), editable=False
    )
    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, null=True, blank=True, related_name="refunds", verbose_name=_("contract")
    )
    currency = models.CharField(_("currency"), max_length=3, editable=False)
    amount = money(_("amount"))
    refunded_on = models.DateField(_("refunded"))
    rate = rate(_("exchange rate"))
    amount_base = money(_("amount in base currency"), editable=False)
    receipt_base = money(_("as received, in base currency"), editable=False)
    reason = models.CharField(_("reason"), max_length=500)
    bank_reference = blank_text(_("bank reference"), 100)
    key = blank_text(_("key"), 200, editable=False)
    posted_at = models.DateTimeField(_("posted"), editable=False)
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("posted by")
    )
    is_reversed = models.BooleanField(_("reversed"), default=False, editable=False)

    objects: ClassVar[RefundQuerySet] = RefundQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-refunded_on", "-pk"]
        constraints = [
            models.CheckConstraint(name="refund_is_numbered", condition=~Q(number="")),
            models.CheckConstraint(
                name="refund_amount_positive",
                condition=Q(amount__gt=0),
                violation_error_message=_("The amount must be greater than zero."),
            ),
            models.UniqueConstraint(
                fields=["key"],
                name="refund_key_once",
                condition=~Q(key=""),
                violation_error_message=_("This refund was already posted."),
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-refunded_on"], name="refund_customer"),
            models.Index(fields=["refunded_on"], name="refund_day"),
        ]
        triggers = [
            *posted("refund", balances=("is_reversed",)),
            starts_empty(is_reversed="false"),
            *audit.audited(exclude=("is_reversed",)),
            *balances.refunds(),
        ]

    def __str__(self) -> str:
        return self.number


class ReversalQuerySet(LedgerQuerySet["Reversal"]):
    """Entries that take back receipts and refunds."""


class Reversal(models.Model):
    """The opposite entry of a receipt or a refund that was a mistake, or bounced. It names what it takes back."""

    receipt = models.OneToOneField(
        Receipt, on_delete=models.PROTECT, null=True, blank=True, related_name="reversal", verbose_name=_("receipt")
    )
    refund = models.OneToOneField(
        Refund, on_delete=models.PROTECT, null=True, blank=True, related_name="reversal", verbose_name=_("refund")
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="+", verbose_name=_("customer"), editable=False
    )
    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("contract"), editable=False
    )
    on = models.DateField(_("reversed on"))
    reason = models.CharField(_("reason"), max_length=500)
    at = models.DateTimeField(_("posted"), editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("posted by")
    )

    objects: ClassVar[ReversalQuerySet] = ReversalQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("reversal")
        verbose_name_plural = _("reversals")
        constraints = [
            models.CheckConstraint(
                name="reversal_names_one_entry",
                condition=Q(receipt__isnull=False, refund__isnull=True) | Q(receipt__isnull=True, refund__isnull=False),
            )
        ]
        indexes = [models.Index(fields=["customer"], name="reversal_customer")]
        triggers = [*posted("reversal"), *audit.audited(), *balances.reversals()]

    def __str__(self) -> str:
        return str(self.receipt or self.refund)
