"""When a contract is to be paid: its plan and the instalments."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from loudou.contracts.choices import DueBasis, PlanState
from loudou.contracts.guards import posted, starts_empty
from loudou.contracts.models.columns import LedgerQuerySet, balance, money, rate
from loudou.contracts.plan_guards import instalments_add_up, plan_life
from loudou.core import audit
from loudou.core.models.base import Versioned
from loudou.customers.models import Customer
from loudou.pipeline.models.process import Bilingual

_UNPAID = "OLD.allocated = 0"
_DRAFTED = "NOT OLD.is_in_force AND (SELECT state = 'draft' FROM contracts_paymentplan WHERE id = OLD.plan_id)"


class PaymentPlanQuerySet(LedgerQuerySet["PaymentPlan"]):
    """Payment plans, seen by whoever sees the contract."""

    def in_force(self) -> Self:
        """The plans that instalments fall due by."""
        return self.filter(state=PlanState.IN_FORCE)


class PaymentPlan(Versioned):
    """How a contract's total is to be paid. A draft may change; in force it adds up to the total and stays as it is.

    An amendment puts another plan in force in its place; what was paid moves over by entries.
    """

    contract = models.ForeignKey(
        "contracts.Contract", on_delete=models.PROTECT, related_name="payment_plans", verbose_name=_("contract")
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="+", verbose_name=_("customer"), editable=False
    )
    contract_version = models.ForeignKey(
        "contracts.ContractVersion", on_delete=models.PROTECT, related_name="payment_plans", verbose_name=_("version")
    )
    state = models.CharField(_("state"), max_length=8, choices=PlanState.choices, default=PlanState.DRAFT)
    currency = models.CharField(_("currency"), max_length=3)
    total = money(_("total"))
    in_force_on = models.DateField(_("in force since"), null=True, editable=False)
    replaced_on = models.DateField(_("replaced on"), null=True, editable=False)
    replaces = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="replaced_by",
        verbose_name=_("replaces"),
    )

    objects: ClassVar[PaymentPlanQuerySet] = PaymentPlanQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("payment plan")
        verbose_name_plural = _("payment plans")
        constraints = [
            models.UniqueConstraint(
                fields=["contract"], condition=Q(state=PlanState.IN_FORCE), name="payment_plan_one_in_force"
            ),
            models.UniqueConstraint(
                fields=["contract"], condition=Q(state=PlanState.DRAFT), name="payment_plan_one_draft"
            ),
            models.CheckConstraint(
                name="payment_plan_dates",
                condition=Q(state=PlanState.DRAFT, in_force_on__isnull=True, replaced_on__isnull=True)
                | Q(state=PlanState.IN_FORCE, in_force_on__isnull=False, replaced_on__isnull=True)
                | Q(state=PlanState.REPLACED, in_force_on__isnull=False, replaced_on__isnull=False),
            ),
        ]
        triggers = [*audit.audited(), *plan_life()]

    def __str__(self) -> str:
        return f"{self.contract} · {self.get_state_display()}"


class InstalmentQuerySet(LedgerQuerySet["Instalment"]):
    """Instalments, filtered in the words of finance."""

    def in_force(self) -> Self:
        """Of plans in force: what customers owe us, or will."""
        return self.filter(is_in_force=True)

    def open(self) -> Self:
        """Not wholly allocated yet."""
        return self.in_force().filter(open_amount__gt=0)

    def overdue(self, *, today: dt.date) -> Self:
        """Open, and the due day has passed."""
        return self.open().filter(due_on__lt=today)

    def oldest_due_first(self) -> Self:
        """In the order in which money is put on them; what has no due day yet comes last."""
        return self.order_by(F("due_on").asc(nulls_last=True), "contract_id", "position", "pk")

    def with_contract_name(self) -> Self:
        """With `contract_number` and `contract_title`, by which people know them."""
        return self.annotate(contract_number=F("contract__number"), contract_title=F("contract__title"))


class Instalment(Bilingual):
    """A part of a contract's total that becomes due on a day, or when something happens.

    `due_on` is empty until the event happens. `allocated` is what receipts were put on it, `cash` the part of that
    which is money (a bill of exchange is not, before it is honoured); both are balances that the database keeps. One
    that a template or the system named has a name in each language; one that a person typed has just that.
    """

    plan = models.ForeignKey(
        PaymentPlan, on_delete=models.CASCADE, related_name="instalments", verbose_name=_("payment plan")
    )
    contract = models.ForeignKey(
        "contracts.Contract", on_delete=models.PROTECT, related_name="instalments", verbose_name=_("contract")
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="instalments", verbose_name=_("customer"), editable=False
    )
    position = models.PositiveSmallIntegerField(_("instalment no."))
    name = models.CharField(_("instalment"), max_length=120)
    basis = models.CharField(_("due"), max_length=16, choices=DueBasis.choices)
    fixed_on = models.DateField(_("on the day"), null=True, blank=True)
    offset_months = models.PositiveSmallIntegerField(_("months later"), default=0, validators=[MaxValueValidator(240)])
    offset_days = models.PositiveSmallIntegerField(_("days later"), default=0, validators=[MaxValueValidator(3660)])
    share = models.DecimalField(
        _("share"),
        max_digits=14,
        decimal_places=12,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("Share of the contract's total, between 0 and 1."),
    )
    is_retention = models.BooleanField(_("retention money"), default=False)
    currency = models.CharField(_("currency"), max_length=3, editable=False)
    amount = money(_("amount"))
    due_on = models.DateField(_("due on"), null=True, editable=False)
    booked_on = models.DateField(_("booked"), null=True, editable=False)
    booked_rate = rate(_("booking rate"), null=True)
    booked_base = money(_("booked in base currency"), null=True, editable=False)
    is_in_force = models.BooleanField(_("in force"), default=False, editable=False)
    allocated = balance(_("allocated"))
    cash = balance(_("received in money"))
    settled_base = balance(_("allocated, in base currency as booked"))
    open_amount = models.GeneratedField(
        verbose_name=_("open"),
        expression=F("amount") - F("allocated"),
        output_field=models.DecimalField(max_digits=19, decimal_places=4),
        db_persist=True,
    )

    objects: ClassVar[InstalmentQuerySet] = InstalmentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        ordering = ["plan", "position"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "position"], name="instalment_position_once"),
            models.CheckConstraint(
                name="instalment_amount_positive",
                condition=Q(amount__gt=0),
                violation_error_message=_("An instalment must be greater than zero."),
            ),
            models.CheckConstraint(
                name="instalment_day_is_given",
                condition=Q(basis=DueBasis.DATE, fixed_on__isnull=False)
                | (~Q(basis=DueBasis.DATE) & Q(fixed_on__isnull=True)),
                violation_error_message=_("Give the day, or the event, on which the instalment is due."),
            ),
            models.CheckConstraint(
                name="instalment_not_overpaid",
                condition=Q(allocated__gte=0, cash__gte=0, allocated__lte=F("amount"), cash__lte=F("allocated")),
                violation_error_message=_("More would be allocated than the instalment asks for."),
            ),
            models.CheckConstraint(name="instalment_money_in_force", condition=Q(is_in_force=True) | Q(allocated=0)),
            models.CheckConstraint(
                name="instalment_is_booked",
                condition=Q(is_in_force=False)
                | Q(booked_on__isnull=False, booked_rate__isnull=False, booked_base__isnull=False),
            ),
            models.CheckConstraint(
                name="instalment_base_closes",
                condition=(Q(allocated__gt=0) | Q(settled_base=0))
                & (~Q(amount=F("allocated")) | Q(settled_base=F("booked_base"))),
            ),
        ]
        indexes = [
            # What is still open is the working set; paid instalments of the past cost nothing.
            models.Index(
                fields=["customer", "currency", "due_on", "id"],
                condition=Q(is_in_force=True, open_amount__gt=0),
                name="instalment_open_customer",
            ),
            models.Index(
                fields=["due_on", "id"], condition=Q(is_in_force=True, open_amount__gt=0), name="instalment_open_due"
            ),
            models.Index(
                fields=["open_amount"], condition=Q(is_in_force=True, open_amount__gt=0), name="instalment_open_amount"
            ),
            models.Index(fields=["contract", "position"], condition=Q(is_in_force=True), name="instalment_contract"),
        ]
        triggers = [
            *posted(
                "instalment",
                balances=("allocated", "cash", "settled_base", "is_in_force"),
                generated=("open_amount",),
                # The day follows what happens; what was not paid yet may be booked anew when it is invoiced.
                changing={"due_on": "true"} | dict.fromkeys(("booked_on", "booked_rate", "booked_base"), _UNPAID),
                unless=_DRAFTED,
            ),
            starts_empty(
                allocated="0",
                cash="0",
                settled_base="0",
                is_in_force="(SELECT state = 'in_force' FROM contracts_paymentplan WHERE id = NEW.plan_id FOR SHARE)",
            ),
            *audit.audited(exclude=("allocated", "cash", "settled_base", "open_amount")),
            instalments_add_up(),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.label}"
