"""The sale we are trying to win."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from loudou.catalog.models import Product
from loudou.core import audit
from loudou.core.models.base import Versioned, blank_text
from loudou.core.scoping import Reach, ScopedQuerySet
from loudou.core.searchtext import search_index
from loudou.customers.models import Contact, Customer
from loudou.pipeline.choices import CLOSED_STATES, Likelihood, Priority, PurchaseKind, ReachKind, State, Visibility
from loudou.pipeline.models.process import Bilingual, SalesProcess, Stage
from loudou.pipeline.models.search_document import document_kept


class Competitor(Versioned):
    """A company that sells against us."""

    name = models.CharField(_("competitor"), max_length=200)
    website = blank_text(_("website"), 255)
    strengths = models.TextField(_("strengths"), blank=True, default="")
    weaknesses = models.TextField(_("weaknesses"), blank=True, default="")
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("competitor")
        verbose_name_plural = _("competitors")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="competitor_name_once",
                violation_error_message=_("There is already a competitor of this name."),
            )
        ]
        triggers = audit.audited()

    def __str__(self) -> str:
        return self.name


class LossReason(Versioned, Bilingual):
    """Why sales are lost, as the company sorts it."""

    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("loss reason")
        verbose_name_plural = _("loss reasons")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="loss_reason_once",
                violation_error_message=_("There is already a loss reason of this name."),
            )
        ]
        triggers = audit.audited()


class OpportunityQuerySet(ScopedQuerySet["Opportunity"]):
    """Opportunities, filtered in the words of sales people."""

    def within(self, reach: Reach) -> Q:
        """Owned by these people, or one of them is on the team of the sale."""
        shared = reach.remember(
            "shared opportunities",
            lambda: list(
                OpportunityMember.objects.filter(user_id__in=reach.user_ids)
                .values_list("opportunity_id", flat=True)
                .distinct()
            ),
        )
        mine = Q(owner_id__in=reach.user_ids)
        return mine | Q(pk__in=shared) if shared else mine

    def open(self) -> Self:
        """Still being worked: state open."""
        return self.filter(state=State.OPEN)

    def closed(self) -> Self:
        """Won, lost or dropped."""
        return self.filter(state__in=CLOSED_STATES)

    def overdue(self, *, today: dt.date) -> Self:
        """Open, and the expected signing date has passed."""
        return self.open().filter(expected_on__lt=today)


class Opportunity(Versioned):
    """A sale we are trying to win: one subject, one process, exactly one stage at a time.

    `amount_base`, `stage_entered_at` and `closed_at` are caches that the services keep in step with the lines, the
    rates and the stage history; `search_text` is one that the database keeps. `loudou check` proves that they agree.
    """

    subject = models.CharField(_("subject"), max_length=255)
    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="opportunities",
        verbose_name=_("customer"),
    )
    process = models.ForeignKey(
        SalesProcess, on_delete=models.PROTECT, related_name="opportunities", verbose_name=_("sales process")
    )
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="opportunities", verbose_name=_("stage"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    amount_base = models.DecimalField(
        _("amount in base currency"), max_digits=19, decimal_places=4, null=True, blank=True, editable=False
    )
    opened_on = models.DateField(_("opened"))
    expected_on = models.DateField(_("expected signing date"), null=True, blank=True)
    probability = models.DecimalField(
        _("rep's probability"),
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    source = blank_text(_("source"), 120)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="opportunities",
        verbose_name=_("owner"),
    )
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.NORMAL)
    likelihood = models.CharField(_("likelihood"), max_length=10, choices=Likelihood.choices, blank=True, default="")
    budget_confirmed_on = models.DateField(
        _("purchasing power confirmed"),
        null=True,
        blank=True,
        help_text=_("The day on which you learned that the money is there."),
    )
    visibility = models.CharField(_("need"), max_length=10, choices=Visibility.choices, blank=True, default="")
    reach_kind = models.CharField(_("reach"), max_length=10, choices=ReachKind.choices, blank=True, default="")
    purchase_kind = models.CharField(
        _("kind of purchase"), max_length=12, choices=PurchaseKind.choices, blank=True, default=""
    )
    competitors = models.ManyToManyField(
        Competitor, blank=True, related_name="opportunities", verbose_name=_("competitors")
    )
    next_step = blank_text(_("next step"), 255)
    next_step_on = models.DateField(_("next step due"), null=True, blank=True)
    stage_entered_at = models.DateTimeField(_("in this stage since"), editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    loss_reason = models.ForeignKey(
        LossReason, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("loss reason")
    )
    lost_to = models.ForeignKey(
        Competitor, on_delete=models.PROTECT, null=True, blank=True, related_name="wins", verbose_name=_("lost to")
    )
    close_note = blank_text(_("note on the outcome"), 500)
    contract_reference = blank_text(_("contract number"), 100)
    design_days = models.PositiveSmallIntegerField(_("design days"), null=True, blank=True)
    procurement_days = models.PositiveSmallIntegerField(_("procurement days"), null=True, blank=True)
    trading_days = models.PositiveSmallIntegerField(_("trading days"), null=True, blank=True)
    collection_days = models.PositiveSmallIntegerField(_("collection days"), null=True, blank=True)
    cash_to_cash_days = models.SmallIntegerField(_("cash-to-cash days"), null=True, blank=True)
    notes = models.TextField(_("notes"), blank=True, default="")
    external_id = blank_text(_("id in another system"), 100)
    search_text = models.TextField(default="", editable=False)

    objects: ClassVar[OpportunityQuerySet] = OpportunityQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="opportunity_amount_not_negative",
                condition=Q(amount__isnull=True) | Q(amount__gte=0),
                violation_error_message=_("The amount cannot be negative."),
            ),
            models.CheckConstraint(
                name="opportunity_amount_has_base",
                condition=Q(amount__isnull=True, amount_base__isnull=True)
                | Q(amount__isnull=False, amount_base__isnull=False),
            ),
            models.CheckConstraint(
                name="opportunity_probability_is_a_share",
                condition=Q(probability__isnull=True) | Q(probability__range=(0, 1)),
                violation_error_message=_("A probability is a share between 0 and 1."),
            ),
            models.CheckConstraint(
                name="opportunity_closed_has_time",
                condition=Q(state__in=CLOSED_STATES, closed_at__isnull=False)
                | (~Q(state__in=CLOSED_STATES) & Q(closed_at__isnull=True)),
            ),
            models.UniqueConstraint(
                fields=["external_id"],
                name="opportunity_external_id_once",
                condition=~Q(external_id=""),
                violation_error_message=_("Another opportunity has this id of another system."),
            ),
        ]
        indexes = [
            search_index("opportunity_search"),
            # The working set: every board, funnel and forecast reads open rows only, so the closed past costs nothing.
            models.Index(
                fields=["process", "stage", "owner"],
                include=["amount_base", "probability", "expected_on"],
                condition=Q(state="open"),
                name="opportunity_open_stage",
            ),
            models.Index(fields=["owner", "expected_on"], condition=Q(state="open"), name="opportunity_open_owner"),
            # The calendar ranks the entries of a day by amount without fetching rows.
            models.Index(
                fields=["expected_on", "id"],
                include=["amount_base"],
                condition=Q(state="open"),
                name="opportunity_open_expected",
            ),
            models.Index(
                fields=["next_step_on", "id"],
                include=["amount_base"],
                condition=Q(state="open", next_step_on__isnull=False),
                name="opportunity_open_step",
            ),
            models.Index(fields=["owner", "state", "-updated_at"], name="opportunity_owner_state"),
            models.Index(fields=["-updated_at", "-id"], name="opportunity_updated"),
            models.Index(fields=["amount_base", "id"], name="opportunity_amount"),
            # Orders and periods of the list over all states; what each is worth and costs: docs/adr/051.
            models.Index(fields=["subject", "id"], name="opportunity_subject"),
            models.Index(fields=["expected_on", "id"], name="opportunity_expected"),
            models.Index(fields=["opened_on", "id"], name="opportunity_opened"),
            models.Index(fields=["customer", "state"], name="opportunity_customer_state"),
            models.Index(fields=["state", "closed_at"], name="opportunity_state_closed"),
        ]
        triggers = [*audit.audited(exclude=("search_text",)), document_kept()]

    def __str__(self) -> str:
        return self.subject

    @property
    def is_open(self) -> bool:
        """Whether the sale is still being worked."""
        return self.state == State.OPEN

    @property
    def is_closed(self) -> bool:
        """Whether the sale was won, lost or dropped."""
        return self.state in CLOSED_STATES


class OpportunityCompetitor(Opportunity.competitors.through):  # type: ignore[name-defined,misc]
    """That a competitor takes part in a sale: the many-to-many table, under audit like every other."""

    class Meta:
        proxy = True
        verbose_name = _("competitor of the opportunity")
        verbose_name_plural = _("competitors of the opportunity")
        triggers = audit.audited(part_of=("pipeline_opportunity", "opportunity_id"))

    def __str__(self) -> str:
        return str(self.competitor)


class OpportunityMember(models.Model):
    """A colleague on the team of a sale, with a share of its credit; the owner keeps the rest of 100 %."""

    opportunity = models.ForeignKey(Opportunity, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="opportunity_memberships",
        verbose_name=_("colleague"),
    )
    split = models.DecimalField(
        _("share of the credit"),
        max_digits=5,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_("Per cent; the owner keeps the rest."),
    )

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(fields=["opportunity", "user"], name="opportunity_member_once"),
            models.CheckConstraint(name="opportunity_split_is_percent", condition=Q(split__range=(0, 100))),
        ]
        indexes = [models.Index(fields=["user", "opportunity"], name="opportunity_member_user")]
        triggers = audit.audited(part_of=("pipeline_opportunity", "opportunity_id"))

    def __str__(self) -> str:
        return f"{self.user} {self.split} %"


class OpportunityContact(models.Model):
    """A person at the customer who takes part in the purchase."""

    opportunity = models.ForeignKey(Opportunity, on_delete=models.CASCADE, related_name="people")
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="opportunities", verbose_name=_("contact")
    )

    class Meta:
        verbose_name = _("contact of the opportunity")
        verbose_name_plural = _("contacts of the opportunity")
        constraints = [models.UniqueConstraint(fields=["opportunity", "contact"], name="opportunity_contact_once")]
        triggers = audit.audited(part_of=("pipeline_opportunity", "opportunity_id"))

    def __str__(self) -> str:
        return str(self.contact)


class OpportunityLine(models.Model):
    """A product in a sale: quantity, price, discount; `amount` is computed and rounded to the currency."""

    opportunity = models.ForeignKey(Opportunity, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", verbose_name=_("product"))
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)
    unit_price = models.DecimalField(_("price"), max_digits=19, decimal_places=4)
    discount_rate = models.DecimalField(
        _("discount"),
        max_digits=5,
        decimal_places=4,
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("Share between 0 and 1."),
    )
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4, editable=False)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("product line")
        verbose_name_plural = _("product lines")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="opportunity_line_quantity_positive",
                condition=Q(quantity__gt=0),
                violation_error_message=_("The quantity must be greater than zero."),
            ),
            models.CheckConstraint(
                name="opportunity_line_price_not_negative",
                condition=Q(unit_price__gte=0),
                violation_error_message=_("The price cannot be negative."),
            ),
            models.CheckConstraint(name="opportunity_line_discount_share", condition=Q(discount_rate__range=(0, 1))),
        ]
        triggers = audit.audited(part_of=("pipeline_opportunity", "opportunity_id"))

    def __str__(self) -> str:
        return f"{self.product} × {self.quantity}"


class Star(models.Model):
    """That a person follows an opportunity."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="stars")
    opportunity = models.ForeignKey(Opportunity, on_delete=models.CASCADE, related_name="stars")

    class Meta:
        verbose_name = _("star")
        verbose_name_plural = _("stars")
        constraints = [models.UniqueConstraint(fields=["user", "opportunity"], name="star_once")]

    def __str__(self) -> str:
        return f"{self.user} ★ {self.opportunity}"
