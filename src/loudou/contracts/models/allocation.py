"""Which receipt pays which instalment, and what the exchange rates made of it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from loudou.contracts import balances
from loudou.contracts.choices import AllocationCause
from loudou.contracts.guards import posted
from loudou.contracts.models.columns import LedgerQuerySet, money
from loudou.contracts.models.contract import Contract, PartQuerySet
from loudou.contracts.models.plan import Instalment
from loudou.contracts.models.receipt import Receipt, Refund, Reversal
from loudou.core import audit
from loudou.core.models.base import blank_text
from loudou.customers.models import Customer


class AllocationQuerySet(PartQuerySet["Allocation"]):
    """Allocations and the entries that undo them."""

    def standing(self) -> AllocationQuerySet:
        """Neither undone nor undoing."""
        return self.filter(undoes__isnull=True, undone_by__isnull=True)


class Allocation(models.Model):
    """An amount of a receipt put on an instalment; undone by an opposite entry that names it.

    `amount_base` is its worth at the receipt's rate, `booked_base` at the rate by which the instalment was booked; the
    difference is a gain or loss. `on` is the day from which it counts: the day the money came in, or the day it was
    taken off again.
    """

    receipt = models.ForeignKey(
        Receipt, on_delete=models.PROTECT, related_name="allocations", verbose_name=_("receipt")
    )
    instalment = models.ForeignKey(
        Instalment, on_delete=models.PROTECT, related_name="allocations", verbose_name=_("instalment")
    )
    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, related_name="allocations", verbose_name=_("contract")
    )
    amount = money(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    amount_base = money(_("amount in base currency"))
    booked_base = money(_("amount in base currency as booked"))
    on = models.DateField(_("counts from"))
    cause = models.CharField(_("cause"), max_length=10, choices=AllocationCause.choices)
    undoes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="undone_by", verbose_name=_("undoes")
    )
    reason = blank_text(_("reason"), 500)
    at = models.DateTimeField(_("posted"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("posted by")
    )

    objects: ClassVar[AllocationQuerySet] = AllocationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="allocation_sign",
                condition=Q(undoes__isnull=True, amount__gt=0) | Q(undoes__isnull=False, amount__lt=0),
            )
        ]
        indexes = [models.Index(fields=["contract", "on"], name="allocation_contract")]
        triggers = [*posted("allocation"), *audit.audited(), *balances.allocations()]

    def __str__(self) -> str:
        return f"{self.receipt} → {self.instalment}: {self.amount:f} {self.currency}"


class DifferenceQuerySet(LedgerQuerySet["ExchangeDifference"]):
    """Gains and losses by exchange rates."""


class ExchangeDifference(models.Model):
    """A gain (positive) or loss in base currency, because a rate moved between booking and payment.

    Written by the database with the entry that caused it: an allocation, a refund, or the reversal of a refund.
    """

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", verbose_name=_("customer"))
    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, null=True, related_name="exchange_differences", verbose_name=_("contract")
    )
    allocation = models.OneToOneField(
        Allocation, on_delete=models.PROTECT, null=True, related_name="difference", verbose_name=_("allocation")
    )
    refund = models.OneToOneField(
        Refund, on_delete=models.PROTECT, null=True, related_name="difference", verbose_name=_("refund")
    )
    reversal = models.OneToOneField(
        Reversal, on_delete=models.PROTECT, null=True, related_name="difference", verbose_name=_("reversal")
    )
    currency = models.CharField(_("currency"), max_length=3)
    amount_base = money(_("gain or loss in base currency"))
    on = models.DateField(_("on"))

    objects: ClassVar[DifferenceQuerySet] = DifferenceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("exchange difference")
        verbose_name_plural = _("exchange differences")
        ordering = ["on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="exchange_difference_has_cause",
                condition=Q(allocation__isnull=False, refund__isnull=True, reversal__isnull=True)
                | Q(allocation__isnull=True, refund__isnull=False, reversal__isnull=True)
                | Q(allocation__isnull=True, refund__isnull=True, reversal__isnull=False),
            ),
            models.CheckConstraint(name="exchange_difference_not_zero", condition=~Q(amount_base=0)),
        ]
        indexes = [
            models.Index(fields=["on"], name="exchange_difference_day"),
            models.Index(fields=["contract"], condition=Q(contract__isnull=False), name="exchange_diff_contract"),
        ]
        triggers = [*posted("exchange difference"), balances.written_by_entries(), *audit.audited()]

    def __str__(self) -> str:
        return f"{self.on}: {self.amount_base:f}"
