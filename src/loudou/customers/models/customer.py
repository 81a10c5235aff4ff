"""The company (or household) we sell to."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from loudou.catalog.models import ProductLine
from loudou.core import audit
from loudou.core.models.base import Versioned, blank_text
from loudou.core.scoping import Reach, ScopedQuerySet
from loudou.core.searchtext import search_document, search_index
from loudou.customers.choices import ChannelPlace, CustomerKind, LegalForm, LineRole, OwnerChangeCause, Phase, SizeBand
from loudou.customers.namekey import name_key
from loudou.customers.registration import validate_credit_code, validate_website

PARENTS_LOCK = 0x10D0C057
"""Advisory lock of whoever rearranges parents: two moves at once could close a circle that neither sees alone."""


class CustomerQuerySet(ScopedQuerySet["Customer"]):
    """Customers: seen by their owner, their members, and everybody above those."""

    def within(self, reach: Reach) -> Q:
        """Owned by these people, or one of them is a member."""
        shared = reach.remember(
            "shared customers",
            lambda: list(
                CustomerMember.objects.filter(user_id__in=reach.user_ids)
                .values_list("customer_id", flat=True)
                .distinct()
            ),
        )
        return Q(owner_id__in=reach.user_ids) | Q(pk__in=shared)


class Customer(Versioned):
    """A company or household we sell to or want to sell to, with everything that identifies it.

    `phase` and `phase_since` are caches of the newest PhaseChange, which follows from the evidence; only
    `services.evidence` writes them. The policy figures are None where the company's rules apply.
    """

    name = models.CharField(_("customer name"), max_length=255)
    short_name = blank_text(_("short name"), 100)
    aliases = ArrayField(models.CharField(max_length=255), verbose_name=_("other names"), default=list, blank=True)
    legal_form = models.CharField(_("legal form"), max_length=10, choices=LegalForm.choices, default=LegalForm.COMPANY)
    kind = models.CharField(
        _("kind of customer"), max_length=12, choices=CustomerKind.choices, default=CustomerKind.END_USER
    )
    channel_place = models.CharField(
        _("place in the channel"), max_length=12, choices=ChannelPlace.choices, blank=True, default=""
    )
    credit_code = blank_text(
        _("unified social credit code"),
        18,
        help_text=_("18 characters; the last one is checked."),
        validators=[validate_credit_code],
    )
    registration_number = blank_text(_("other registration number"), 60)
    industry = blank_text(_("industry"), 120)
    size_band = models.CharField(_("size"), max_length=8, choices=SizeBand.choices, blank=True, default="")
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    annual_revenue = models.DecimalField(_("annual revenue"), max_digits=19, decimal_places=2, null=True, blank=True)
    revenue_currency = models.CharField(_("currency of the revenue"), max_length=3, blank=True, default="")
    expected_contribution = models.DecimalField(
        _("expected yearly contribution"),
        max_digits=19,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("Purchasing power: the contribution profit we expect a year, in the company's base currency."),
    )
    founded_year = models.PositiveSmallIntegerField(_("founded"), null=True, blank=True)
    country = blank_text(_("country"), 80)
    province = blank_text(_("province"), 80)
    city = blank_text(_("city"), 80)
    address = blank_text(_("address"), 255)
    website = blank_text(_("website"), 255, validators=[validate_website])
    phones = ArrayField(models.CharField(max_length=40), verbose_name=_("phones"), default=list, blank=True)
    emails = ArrayField(models.EmailField(), verbose_name=_("mails"), default=list, blank=True)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="subsidiaries",
        verbose_name=_("parent company"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name=_("owner"),
    )
    source = blank_text(_("source"), 120)
    notes = models.TextField(_("notes"), blank=True, default="")
    external_id = blank_text(_("id in another system"), 100)
    phase = models.PositiveSmallIntegerField(_("phase"), choices=Phase.choices, default=Phase.OUTSIDE, editable=False)
    phase_since = models.DateTimeField(_("in this phase since"), null=True, editable=False)
    held_since = models.DateTimeField(_("on supply hold since"), null=True, editable=False)
    max_discount_rate = models.DecimalField(
        _("maximum discount"),
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    credit_limit = models.DecimalField(_("credit limit"), max_digits=19, decimal_places=4, null=True, blank=True)
    credit_currency = models.CharField(_("currency of the credit limit"), max_length=3, blank=True, default="")
    payment_days = models.PositiveSmallIntegerField(
        _("payment days"), null=True, blank=True, validators=[MaxValueValidator(3650)]
    )
    grace_days = models.PositiveSmallIntegerField(
        _("grace days"), null=True, blank=True, validators=[MaxValueValidator(3650)]
    )
    name_key = name_key("name")
    search_text = search_document(
        "name", "short_name", "credit_code", "registration_number", "website", arrays=("aliases", "phones", "emails")
    )

    objects: ClassVar[CustomerQuerySet] = CustomerQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["credit_code"],
                name="customer_credit_code_once",
                condition=~Q(credit_code=""),
                violation_error_message=_("Another customer has this unified social credit code."),
            ),
            models.UniqueConstraint(
                fields=["external_id"],
                name="customer_external_id_once",
                condition=~Q(external_id=""),
                violation_error_message=_("Another customer has this id of another system."),
            ),
            models.CheckConstraint(
                name="customer_not_its_own_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=F("pk")),
                violation_error_message=_("A customer cannot be its own parent company."),
            ),
            models.CheckConstraint(
                name="customer_revenue_has_currency",
                condition=Q(annual_revenue__isnull=True) | ~Q(revenue_currency=""),
                violation_error_message=_("Say which currency the revenue is in."),
            ),
            models.CheckConstraint(
                name="customer_credit_has_currency",
                condition=Q(credit_limit__isnull=True) | (Q(credit_limit__gte=0) & ~Q(credit_currency="")),
                violation_error_message=_("A credit limit is zero or more, in a currency."),
            ),
        ]
        indexes = [
            search_index("customer_search"),
            models.Index(fields=["owner", "name"], name="customer_owner_name"),
            models.Index(fields=["name", "id"], name="customer_name_id"),
            models.Index(fields=["-updated_at", "-id"], name="customer_updated"),
            models.Index(fields=["phase", "name", "id"], name="customer_by_phase"),
            models.Index(fields=["name", "id"], condition=Q(held_since__isnull=False), name="customer_on_hold"),
            models.Index(fields=["industry", "name"], condition=Q(industry__gt=""), name="customer_by_industry"),
            models.Index(fields=["source", "name"], condition=Q(source__gt=""), name="customer_by_source"),
            models.Index(fields=["country", "name"], condition=Q(country__gt=""), name="customer_by_country"),
            models.Index(fields=["province", "name"], condition=Q(province__gt=""), name="customer_by_province"),
            models.Index(fields=["city", "name"], condition=Q(city__gt=""), name="customer_by_city"),
            # The operator class serves "begins with" as well as "equals".
            models.Index(OpClass(F("name_key"), "text_pattern_ops"), name="customer_name_key"),
            models.Index(fields=["short_name"], condition=~Q(short_name=""), name="customer_short_name"),
            models.Index(
                fields=["registration_number"], condition=~Q(registration_number=""), name="customer_registration"
            ),
        ]
        triggers = [
            *audit.audited(exclude=("search_text", "name_key", "phase", "phase_since")),
            pgtrigger.Trigger(
                name="parents_stay_a_tree",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("parent_id"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Q(new__parent__isnull=False),
                func=f"""
                    PERFORM pg_advisory_xact_lock({PARENTS_LOCK});
                    IF EXISTS (
                        WITH RECURSIVE above(id) AS (
                            SELECT NEW.parent_id
                            UNION
                            SELECT parent.parent_id
                            FROM customers_customer parent JOIN above ON parent.id = above.id
                        )
                        SELECT FROM above WHERE id = NEW.id
                    ) THEN
                        RAISE EXCEPTION 'customer % would stand above itself', NEW.id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'customer_parents_stay_a_tree';
                    END IF;
                    RETURN NULL;
                """,  # noqa: S608 - a constant
            ),
        ]

    def __str__(self) -> str:
        return self.short_name or self.name


class CustomerMember(models.Model):
    """A colleague who works on a customer beside its owner, and therefore sees it."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="customer_memberships",
        verbose_name=_("colleague"),
    )

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [models.UniqueConstraint(fields=["customer", "user"], name="customer_member_once")]
        indexes = [models.Index(fields=["user", "customer"], name="customer_member_user")]
        triggers = audit.audited(part_of=("customers_customer", "customer_id"))

    def __str__(self) -> str:
        return f"{self.user} · {self.customer}"


class LineParty(models.Model):
    """Per product line: who pays, who decides, who benefits; a known customer or just a name."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="line_parties")
    line = models.ForeignKey(ProductLine, on_delete=models.PROTECT, related_name="+", verbose_name=_("product line"))
    role = models.CharField(_("role"), max_length=10, choices=LineRole.choices)
    party = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer")
    )
    party_name = blank_text(_("name"), 255)

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("who pays, decides, benefits")
        ordering = ["line__name", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "line", "role"],
                name="line_party_once",
                violation_error_message=_("This role is already filled for the product line."),
            ),
            models.CheckConstraint(
                name="line_party_named",
                condition=Q(party__isnull=False) | ~Q(party_name=""),
                violation_error_message=_("Choose a customer or write a name."),
            ),
        ]
        triggers = audit.audited(part_of=("customers_customer", "customer_id"))

    def __str__(self) -> str:
        return f"{self.line}: {self.get_role_display()} {self.party or self.party_name}"


class OwnerChange(models.Model):
    """One change of a customer's owner, kept for ever."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="owner_changes")
    from_owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    to_owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    cause = models.CharField(_("cause"), max_length=12, choices=OwnerChangeCause.choices)
    reason = blank_text(_("reason"), 255)

    class Meta:
        verbose_name = _("change of owner")
        verbose_name_plural = _("changes of owner")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["customer", "-at"], name="owner_change_customer")]
        triggers = audit.append_only(blackens=("reason",))

    def __str__(self) -> str:
        return f"{self.customer}: {self.from_owner} → {self.to_owner}"
