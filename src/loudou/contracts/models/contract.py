"""What was agreed with a customer: one contract or order, from the draft to its end."""

from __future__ import annotations

from typing import ClassVar, Self, TypeVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from loudou.contracts.choices import BEFORE_SIGNING, MOVES, RUNNING, ContractKind, ContractState
from loudou.contracts.plan_guards import plan_of_contract
from loudou.core import audit
from loudou.core.actors import Actor
from loudou.core.models.base import Versioned, blank_text
from loudou.core.scoping import Reach, ScopedQuerySet
from loudou.core.searchtext import search_document, search_index
from loudou.customers.models import Contact, Customer, CustomerMember
from loudou.pipeline.models import Opportunity

P = TypeVar("P", bound=models.Model)


def customers_worked_on(reach: Reach) -> list[int]:
    """Ids of the customers that these people own or are members of; read once per request."""
    found: list[int] = reach.remember(
        "customers worked on",
        lambda: sorted(
            {
                *CustomerMember.objects.filter(user_id__in=reach.user_ids).values_list("customer_id", flat=True),
                *Customer.objects.filter(owner_id__in=reach.user_ids).values_list("pk", flat=True),
            }
        ),
    )
    return found


class ContractQuerySet(ScopedQuerySet["Contract"]):
    """Contracts: seen by their owner, by whoever works on the customer, and by everybody above those."""

    def within(self, reach: Reach) -> Q:
        """Owned by these people, or about a customer that one of them owns or is a member of."""
        return Q(owner_id__in=reach.user_ids) | Q(customer_id__in=customers_worked_on(reach))

    def running(self) -> Self:
        """Signed and neither completed nor terminated."""
        return self.filter(state__in=RUNNING)

    def binding(self) -> Self:
        """Signed at some time, whatever came of it."""
        return self.exclude(state__in=(*BEFORE_SIGNING, ContractState.WITHDRAWN))


class PartQuerySet(models.QuerySet[P]):
    """Rows that belong to a contract and are seen by whoever sees it."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the rows of contracts the actor may see."""
        return self.filter(contract__in=Contract.objects.visible_to(actor))


_ALLOWED_MOVES = " OR ".join(
    f"(OLD.state = '{before}' AND NEW.state IN ({', '.join(repr(str(after)) for after in sorted(afters))}))"
    for before, afters in MOVES.items()
    if afters
)


class Contract(Versioned):
    """One contract or order with a customer.

    What was agreed stands in its versions; the version in force is the one that binds. Amounts and `effective_on`,
    `expires_on` here are those of the version in force, before signing those of the only version; `delivered_on` and
    `accepted_on` follow the deliveries. `amount_base` is the amount at the rate of the day of signing. `loudou check`
    proves that they agree.
    """

    number = blank_text(_("contract number"), 60)
    title = models.CharField(_("title"), max_length=255)
    kind = models.CharField(_("kind"), max_length=10, choices=ContractKind.choices, default=ContractKind.GOODS)
    state = models.CharField(_("state"), max_length=10, choices=ContractState.choices, default=ContractState.DRAFT)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="contracts", verbose_name=_("customer")
    )
    contact = models.ForeignKey(
        Contact,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="contracts",
        verbose_name=_("contact at the customer"),
    )
    opportunity = models.ForeignKey(
        Opportunity,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="contracts",
        verbose_name=_("opportunity"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="contracts", verbose_name=_("owner")
    )
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    tax_included = models.BooleanField(_("prices include tax"), default=True)
    customer_reference = blank_text(_("customer's order number"), 100)
    drafted_on = models.DateField(_("drafted"))
    offered_on = models.DateField(_("offered"), null=True, blank=True, editable=False)
    offer_valid_until = models.DateField(_("offer valid until"), null=True, blank=True)
    signed_on = models.DateField(_("signed"), null=True, blank=True, editable=False)
    effective_on = models.DateField(_("in effect from"), null=True, blank=True, editable=False)
    expires_on = models.DateField(_("expires"), null=True, blank=True, editable=False)
    delivered_on = models.DateField(_("fully delivered"), null=True, blank=True, editable=False)
    accepted_on = models.DateField(_("finally accepted"), null=True, blank=True, editable=False)
    ended_on = models.DateField(_("ended"), null=True, blank=True, editable=False)
    net_amount = models.DecimalField(
        _("amount without tax"), max_digits=19, decimal_places=4, default=0, editable=False
    )
    tax_amount = models.DecimalField(_("tax"), max_digits=19, decimal_places=4, default=0, editable=False)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4, default=0, editable=False)
    amount_base = models.DecimalField(
        _("amount in base currency"), max_digits=19, decimal_places=4, null=True, blank=True, editable=False
    )
    version_in_force = models.OneToOneField(
        "contracts.ContractVersion",
        on_delete=models.RESTRICT,  # a contract and its versions go together, when an import is undone
        null=True,
        blank=True,
        editable=False,
        related_name="in_force_of",
        verbose_name=_("version in force"),
    )
    notes = models.TextField(_("notes"), blank=True, default="")
    external_id = blank_text(_("id in another system"), 100)
    search_text = search_document("number", "title", "customer_reference", "external_id")

    objects: ClassVar[ContractQuerySet] = ContractQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                name="contract_number_once",
                condition=~Q(number=""),
                violation_error_message=_("Another contract has this number."),
            ),
            models.UniqueConstraint(
                fields=["external_id"],
                name="contract_external_id_once",
                condition=~Q(external_id=""),
                violation_error_message=_("Another contract has this id of another system."),
            ),
            models.CheckConstraint(
                name="contract_amounts_add_up", condition=Q(amount=F("net_amount") + F("tax_amount"))
            ),
            models.CheckConstraint(name="contract_amount_not_negative", condition=Q(net_amount__gte=0)),
            models.CheckConstraint(
                name="contract_binding_is_signed",
                condition=Q(
                    state__in=(*BEFORE_SIGNING, ContractState.WITHDRAWN),
                    signed_on__isnull=True,
                    version_in_force__isnull=True,
                )
                | Q(
                    ~Q(state__in=(*BEFORE_SIGNING, ContractState.WITHDRAWN)),
                    ~Q(number=""),
                    signed_on__isnull=False,
                    version_in_force__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="contract_ended_has_day",
                condition=Q(state__in=(ContractState.COMPLETED, ContractState.TERMINATED), ended_on__isnull=False)
                | (~Q(state__in=(ContractState.COMPLETED, ContractState.TERMINATED)) & Q(ended_on__isnull=True)),
            ),
        ]
        indexes = [
            search_index("contract_search"),
            models.Index(fields=["customer", "state"], name="contract_customer_state"),
            models.Index(fields=["owner", "state", "-updated_at"], name="contract_owner_state"),
            models.Index(fields=["-updated_at", "-id"], name="contract_updated"),
            models.Index(fields=["state", "signed_on"], name="contract_state_signed"),
            models.Index(fields=["signed_on"], condition=Q(signed_on__isnull=False), name="contract_signed"),
        ]
        triggers = [
            *audit.audited(exclude=("search_text",)),
            plan_of_contract(),
            pgtrigger.Trigger(
                name="contract_life",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=f"""
                IF OLD.state <> NEW.state AND NOT ({_ALLOWED_MOVES}) THEN
                    RAISE EXCEPTION 'a contract that is % cannot become %', OLD.state, NEW.state
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_state_follows';
                END IF;
                IF OLD.number <> '' AND NEW.number <> OLD.number THEN
                    RAISE EXCEPTION 'the number of a contract never changes'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_number_stays';
                END IF;
                IF OLD.signed_on IS NOT NULL AND (
                    NEW.signed_on IS DISTINCT FROM OLD.signed_on OR NEW.customer_id <> OLD.customer_id
                    OR NEW.currency <> OLD.currency OR NEW.tax_included <> OLD.tax_included OR NEW.kind <> OLD.kind
                    OR NEW.amount_base IS DISTINCT FROM OLD.amount_base AND NEW.amount = OLD.amount
                ) THEN
                    RAISE EXCEPTION 'what a signed contract says is changed by an amendment'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_signed_is_frozen';
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="contract_follows_version",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                timing=pgtrigger.Deferred,
                func="PERFORM loudou_check_contract(NEW.id); RETURN NULL;",
            ),
            pgtrigger.Trigger(
                name="contract_lines_in_force",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("version_in_force_id"),
                func="""
                IF NEW.version_in_force_id IS DISTINCT FROM OLD.version_in_force_id THEN
                    UPDATE contracts_contractline line
                    SET ordered = coalesce(terms.quantity, 0), ordered_amount = coalesce(terms.amount, 0)
                    FROM contracts_contractline same LEFT JOIN contracts_lineterms terms
                        ON terms.line_id = same.id AND terms.version_id = NEW.version_in_force_id
                    WHERE same.id = line.id AND line.contract_id = NEW.id;
                END IF;
                RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="contract_kept",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func="""
                IF (OLD.number <> '' OR OLD.state <> 'draft')
                    AND coalesce(current_setting('loudou.allow_history_delete', true), '') <> 'on' THEN
                    RAISE EXCEPTION 'a contract that was numbered or offered is never deleted'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_kept';
                END IF;
                RETURN OLD;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}" if self.number else self.title

    @property
    def is_running(self) -> bool:
        """Whether it is signed and not yet at its end."""
        return self.state in RUNNING

    @property
    def is_binding(self) -> bool:
        """Whether it was ever signed."""
        return self.signed_on is not None


# Raised when the transaction ends: caches that disagree with the version they were made from.
CREATE_CONTRACT_CHECK = """
CREATE OR REPLACE FUNCTION loudou_check_contract(contract bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    wrong boolean;
BEGIN
    SELECT c.net_amount <> v.net_amount OR c.tax_amount <> v.tax_amount OR c.amount <> v.amount
            OR v.contract_id <> c.id OR v.state <> 'in_force'
            OR c.effective_on IS DISTINCT FROM v.effective_on OR c.expires_on IS DISTINCT FROM v.expires_on
        INTO wrong
        FROM contracts_contract c JOIN contracts_contractversion v ON v.id = c.version_in_force_id
        WHERE c.id = contract;
    IF wrong THEN
        RAISE EXCEPTION 'contract % does not say what its version in force says', contract
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_follows_version';
    END IF;
END
$$
"""
