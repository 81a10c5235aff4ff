"""What is sold: the lines of a contract, and what each version says about them."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from loudou.catalog.models import Product
from loudou.contracts.models.contract import Contract, PartQuerySet
from loudou.contracts.models.version import ContractVersion, only_in_draft
from loudou.core import audit
from loudou.core.models.base import blank_text

SHARE = [MinValueValidator(0), MaxValueValidator(1)]


class LineQuerySet(PartQuerySet["ContractLine"]):
    """Lines of contracts."""


class ContractLine(models.Model):
    """A line of a contract through all its versions: what deliveries and invoices refer to.

    `ordered` and `ordered_amount` (tax included) follow the version in force and are zero before signing, so nothing
    can be delivered before; `delivered` and `delivered_amount` follow the posted deliveries net of returns,
    `invoiced_amount` (tax included) the posted invoices. Only triggers write them, and the checks below keep them in
    bounds whoever posts.
    """

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveSmallIntegerField(_("line"))
    ordered = models.DecimalField(_("ordered"), max_digits=14, decimal_places=3, default=0, editable=False)
    delivered = models.DecimalField(_("delivered"), max_digits=14, decimal_places=3, default=0, editable=False)
    ordered_amount = models.DecimalField(
        _("ordered amount"), max_digits=19, decimal_places=4, default=0, editable=False
    )
    delivered_amount = models.DecimalField(
        _("delivered amount"), max_digits=19, decimal_places=4, default=0, editable=False
    )
    invoiced_amount = models.DecimalField(
        _("invoiced amount"), max_digits=19, decimal_places=4, default=0, editable=False
    )

    objects: ClassVar[LineQuerySet] = LineQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("line of the contract")
        verbose_name_plural = _("lines of the contract")
        ordering = ["contract", "number"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "number"], name="contract_line_number_once"),
            models.CheckConstraint(
                name="delivered_within_ordered",
                condition=Q(
                    delivered__gte=0,
                    delivered__lte=F("ordered"),
                    delivered_amount__gte=0,
                    delivered_amount__lte=F("ordered_amount"),
                ),
                violation_error_message=_("More would be delivered than was ordered, or more returned than delivered."),
            ),
            models.CheckConstraint(
                name="invoiced_within_ordered",
                condition=Q(invoiced_amount__gte=0, invoiced_amount__lte=F("ordered_amount")),
                violation_error_message=_("More would be invoiced than was ordered, or more credited than invoiced."),
            ),
        ]
        indexes = [
            # What waits for an invoice is found among few lines, however many were invoiced in the past.
            models.Index(
                fields=["contract"],
                condition=Q(delivered_amount__gt=F("invoiced_amount")),
                name="contract_line_to_invoice",
            )
        ]
        triggers = [
            *audit.audited(),
            pgtrigger.Trigger(
                name="figures_follow_postings",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                IF pg_trigger_depth() = 1 AND (
                    TG_OP = 'INSERT' AND (NEW.ordered, NEW.delivered, NEW.ordered_amount, NEW.delivered_amount,
                        NEW.invoiced_amount) IS DISTINCT FROM (0, 0, 0, 0, 0)
                    OR TG_OP = 'UPDATE' AND NEW.* IS DISTINCT FROM OLD.*
                ) THEN
                    RAISE EXCEPTION 'the figures of a line follow its version in force, deliveries and invoices'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_line_figures';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract} #{self.number}"


class LineTerms(models.Model):
    """What one version says about a line: what, how much, at which price, discount and tax, until when.

    `net_amount`, `tax_amount` and `amount` (gross) are computed and rounded per line to the currency's smallest unit
    (`services.pricing`); prices include tax when the contract says so.
    """

    version = models.ForeignKey(ContractVersion, on_delete=models.CASCADE, related_name="terms")
    line = models.ForeignKey(ContractLine, on_delete=models.CASCADE, related_name="terms")
    position = models.PositiveSmallIntegerField(_("order"))
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product")
    )
    description = models.CharField(_("product or service"), max_length=255)
    specification = blank_text(_("model and specification"), 500)
    unit = blank_text(_("unit"), 20)
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)
    list_price = models.DecimalField(_("list price"), max_digits=19, decimal_places=4, null=True, blank=True)
    unit_price = models.DecimalField(_("price"), max_digits=19, decimal_places=4)
    discount_rate = models.DecimalField(
        _("discount"),
        max_digits=5,
        decimal_places=4,
        default=0,
        validators=SHARE,
        help_text=_("Share between 0 and 1."),
    )
    tax_rate = models.DecimalField(
        _("tax rate"),
        max_digits=5,
        decimal_places=4,
        default=0,
        validators=SHARE,
        help_text=_("Share between 0 and 1, such as 0.13."),
    )
    net_amount = models.DecimalField(_("amount without tax"), max_digits=19, decimal_places=4, editable=False)
    tax_amount = models.DecimalField(_("tax"), max_digits=19, decimal_places=4, editable=False)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4, editable=False)
    due_on = models.DateField(_("delivery due"), null=True, blank=True)

    class Meta:
        verbose_name = _("terms of a line")
        verbose_name_plural = _("terms of lines")
        ordering = ["version", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "line"], name="line_terms_once_in_version"),
            models.CheckConstraint(
                name="line_terms_quantity_positive",
                condition=Q(quantity__gt=0),
                violation_error_message=_("The quantity must be greater than zero."),
            ),
            models.CheckConstraint(
                name="line_terms_price_not_negative",
                condition=Q(unit_price__gte=0),
                violation_error_message=_("The price cannot be negative."),
            ),
            models.CheckConstraint(
                name="line_terms_rates_are_shares",
                condition=Q(discount_rate__range=(0, 1), tax_rate__range=(0, 1)),
                violation_error_message=_("Discount and tax rate are shares between 0 and 1."),
            ),
            models.CheckConstraint(
                name="line_terms_amounts_add_up", condition=Q(amount=F("net_amount") + F("tax_amount"))
            ),
        ]
        indexes = [models.Index(fields=["line"], name="line_terms_line")]
        triggers = [*audit.audited(), *only_in_draft("terms")]

    def __str__(self) -> str:
        return f"{self.description} × {self.quantity.normalize():f}"

    @property
    def discount(self) -> Decimal:
        """Share by which the agreed price lies below the list price, or the plain discount where no list price is.

        Never negative: selling above the list price is no discount.
        """
        if not self.list_price:
            return self.discount_rate
        return max(Decimal(0), 1 - self.unit_price * (1 - self.discount_rate) / self.list_price)
