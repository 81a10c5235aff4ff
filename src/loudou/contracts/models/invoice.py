"""Invoices against contract lines: blue ones that bill, red ones that take back and name the blue one."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from loudou.contracts.choices import InvoiceKind
from loudou.contracts.guards import posted, starts_empty
from loudou.contracts.invoice_guards import invoice_lines, invoices
from loudou.contracts.models.columns import LedgerQuerySet, balance, money, rate
from loudou.contracts.models.contract import Contract
from loudou.contracts.models.line import ContractLine
from loudou.core import audit
from loudou.core.models.base import blank_text
from loudou.core.searchtext import search_document, search_index
from loudou.customers.models import Customer


class InvoiceQuerySet(LedgerQuerySet["Invoice"]):
    """Invoices, blue and red."""

    def blue(self) -> Self:
        """Those that bill."""
        return self.filter(corrects__isnull=True)

    def red(self) -> Self:
        """Those that take a blue one back, wholly or in part."""
        return self.filter(corrects__isnull=False)


class Invoice(models.Model):
    """A VAT invoice as issued. A red one has negative amounts and names the blue invoice that it corrects."""

    number = models.CharField(_("invoice number"), max_length=60, blank=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="invoices", verbose_name=_("customer"), editable=False
    )
    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, related_name="invoices", verbose_name=_("contract")
    )
    kind = models.CharField(_("kind of invoice"), max_length=8, choices=InvoiceKind.choices)
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="red_ones", verbose_name=_("corrects")
    )
    title = models.CharField(_("invoice title"), max_length=255)
    tax_number = blank_text(_("tax number"), 40)
    issued_on = models.DateField(_("issued"))
    currency = models.CharField(_("currency"), max_length=3, editable=False)
    rate = rate(_("exchange rate"))
    net_amount = money(_("amount without tax"), editable=False)
    tax_amount = money(_("tax"), editable=False)
    amount = money(_("amount"), editable=False)
    amount_base = money(_("amount in base currency"), editable=False)
    reason = blank_text(_("reason"), 500)
    note = blank_text(_("note"), 500)
    key = blank_text(_("key"), 200, editable=False)
    posted_at = models.DateTimeField(_("posted"), editable=False)
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("posted by")
    )
    search_text = search_document("number", "title", "tax_number")

    objects: ClassVar[InvoiceQuerySet] = InvoiceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.CheckConstraint(name="invoice_is_numbered", condition=~Q(number="")),
            models.UniqueConstraint(
                fields=["number"],
                name="invoice_number_once",
                violation_error_message=_("Another invoice has this number."),
            ),
            models.UniqueConstraint(
                fields=["key"],
                name="invoice_key_once",
                condition=~Q(key=""),
                violation_error_message=_("This invoice was already posted."),
            ),
            models.CheckConstraint(
                name="invoice_amounts_add_up", condition=Q(amount=F("net_amount") + F("tax_amount"))
            ),
            models.CheckConstraint(
                name="invoice_sign",
                condition=Q(corrects__isnull=True, amount__gt=0) | Q(corrects__isnull=False, amount__lt=0),
            ),
        ]
        indexes = [
            search_index("invoice_search"),
            models.Index(fields=["customer", "-issued_on"], name="invoice_customer"),
            models.Index(fields=["contract", "-issued_on"], name="invoice_contract"),
            models.Index(fields=["-issued_on", "-id"], name="invoice_issued"),
        ]
        triggers = [
            *posted("invoice", generated=("search_text",)),
            *audit.audited(exclude=("search_text",)),
            *invoices(),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_red(self) -> bool:
        """Whether it takes another invoice back."""
        return self.corrects_id is not None


class InvoiceLine(models.Model):
    """What an invoice bills of a contract line, at one tax rate. A red line is negative and names the blue one.

    `credited` is what red lines took back of a blue one: a balance that the database keeps.
    """

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(
        ContractLine, on_delete=models.PROTECT, related_name="invoice_lines", verbose_name=_("line of the contract")
    )
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="red_ones", verbose_name=_("corrects")
    )
    position = models.PositiveSmallIntegerField(_("order"))
    description = models.CharField(_("product or service"), max_length=255)
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3, null=True, blank=True)
    tax_rate = models.DecimalField(
        _("tax rate"), max_digits=5, decimal_places=4, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    net_amount = money(_("amount without tax"))
    tax_amount = money(_("tax"))
    amount = money(_("amount"))
    credited = balance(_("taken back"))

    class Meta:
        verbose_name = _("line of an invoice")
        verbose_name_plural = _("lines of invoices")
        ordering = ["invoice", "position"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="invoice_line_position_once"),
            models.CheckConstraint(
                name="invoice_line_amounts_add_up", condition=Q(amount=F("net_amount") + F("tax_amount"))
            ),
            models.CheckConstraint(
                name="invoice_line_sign",
                condition=Q(corrects__isnull=True, amount__gt=0) | Q(corrects__isnull=False, amount__lt=0),
            ),
            models.CheckConstraint(
                name="credited_within_invoiced",
                condition=Q(credited=0) | Q(credited__gt=0, credited__lte=F("amount")),
                violation_error_message=_("A red invoice cannot take back more than the blue one billed."),
            ),
        ]
        indexes = [models.Index(fields=["line"], name="invoice_line_line")]
        triggers = [
            *posted("invoice line", balances=("credited",)),
            starts_empty(credited="0"),
            *audit.audited(exclude=("credited",)),
            *invoice_lines(),
        ]

    def __str__(self) -> str:
        return f"{self.description}: {self.amount:f}"
