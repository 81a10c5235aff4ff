"""What a contract says at a time: amendments are versions, not edits."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from loudou.contracts.choices import OPEN_VERSION, VersionState
from loudou.contracts.models.contract import Contract, PartQuerySet
from loudou.core import audit
from loudou.core.models.base import Versioned, blank_text


class VersionQuerySet(PartQuerySet["ContractVersion"]):
    """Versions of contracts."""


class ContractVersion(Versioned):
    """A full set of lines, clauses and terms. Version 1 is what was first signed; later ones are amendments.

    Only a draft can be edited: from the offer on, the database refuses every change of what it says. `parties` keeps
    names, credit codes and addresses of both sides as they were when it was offered.
    """

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="versions", editable=False)
    sequence = models.PositiveSmallIntegerField(_("version"), editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=VersionState.choices, default=VersionState.DRAFT, editable=False
    )
    reason = blank_text(_("reason for the amendment"), 500)
    effective_on = models.DateField(_("in effect from"), null=True, blank=True)
    expires_on = models.DateField(_("expires"), null=True, blank=True)
    in_force_on = models.DateField(_("accepted"), null=True, blank=True, editable=False)
    performance_from = models.DateField(_("performance from"), null=True, blank=True)
    performance_until = models.DateField(_("performance until"), null=True, blank=True)
    performance_place = blank_text(_("place of performance"), 255)
    performance_manner = blank_text(_("manner of performance"), 255)
    quality_standard = blank_text(_("quality standard"), 255)
    acceptance_days = models.PositiveSmallIntegerField(_("days for acceptance"), null=True, blank=True)
    warranty_months = models.PositiveSmallIntegerField(_("months of warranty"), null=True, blank=True)
    penalty_rate = models.DecimalField(
        _("penalty for each day of delay"),
        max_digits=6,
        decimal_places=5,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("Share of the amount in delay between 0 and 1, such as 0.0005."),
    )
    dispute_venue = blank_text(_("court or arbitration body"), 255)
    net_amount = models.DecimalField(
        _("amount without tax"), max_digits=19, decimal_places=4, default=0, editable=False
    )
    tax_amount = models.DecimalField(_("tax"), max_digits=19, decimal_places=4, default=0, editable=False)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4, default=0, editable=False)
    parties = models.JSONField(_("parties"), null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects: ClassVar[VersionQuerySet] = VersionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("version of the contract")
        verbose_name_plural = _("versions of the contract")
        ordering = ["contract", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "sequence"], name="contract_version_sequence_once"),
            models.UniqueConstraint(
                fields=["contract"], condition=Q(state=VersionState.IN_FORCE), name="contract_one_version_in_force"
            ),
            models.UniqueConstraint(
                fields=["contract"], condition=Q(state__in=OPEN_VERSION), name="contract_one_open_version"
            ),
            models.CheckConstraint(
                name="contract_version_amounts_add_up", condition=Q(amount=F("net_amount") + F("tax_amount"))
            ),
            models.CheckConstraint(name="contract_version_amount_not_negative", condition=Q(net_amount__gte=0)),
            models.CheckConstraint(
                name="contract_version_expires_after_effect",
                condition=Q(effective_on__isnull=True)
                | Q(expires_on__isnull=True)
                | Q(expires_on__gte=F("effective_on")),
                violation_error_message=_("A contract cannot expire before it comes into effect."),
            ),
            models.CheckConstraint(
                name="contract_version_performed_in_time",
                condition=Q(performance_from__isnull=True)
                | Q(performance_until__isnull=True)
                | Q(performance_until__gte=F("performance_from")),
                violation_error_message=_("Performance cannot end before it begins."),
            ),
        ]
        triggers = [
            *audit.audited(),
            pgtrigger.Trigger(
                name="version_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                IF OLD.state = 'draft' AND NEW.state <> 'draft' AND EXISTS (
                    SELECT 1 FROM (
                        SELECT coalesce(sum(net_amount), 0) AS net, coalesce(sum(tax_amount), 0) AS tax
                        FROM contracts_lineterms WHERE version_id = NEW.id
                    ) lines WHERE lines.net <> NEW.net_amount OR lines.tax <> NEW.tax_amount
                ) THEN
                    RAISE EXCEPTION 'the amount of a version is the sum of its lines'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_version_sums';
                END IF;
                IF OLD.state <> NEW.state AND NOT (
                    (OLD.state = 'draft' AND NEW.state IN ('offered', 'withdrawn'))
                    OR (OLD.state = 'offered' AND NEW.state IN ('draft', 'in_force', 'withdrawn'))
                    OR (OLD.state = 'in_force' AND NEW.state = 'superseded')
                ) THEN
                    RAISE EXCEPTION 'a version that is % cannot become %', OLD.state, NEW.state
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_version_state_follows';
                END IF;
                IF OLD.state <> 'draft' AND
                    to_jsonb(OLD) - ARRAY['state', 'in_force_on', 'parties', 'version', 'updated_at']
                    <> to_jsonb(NEW) - ARRAY['state', 'in_force_on', 'parties', 'version', 'updated_at']
                    OR OLD.state NOT IN ('draft', 'offered') AND (
                        NEW.in_force_on IS DISTINCT FROM OLD.in_force_on OR NEW.parties IS DISTINCT FROM OLD.parties
                    )
                THEN
                    RAISE EXCEPTION 'what was offered or agreed is not edited: draft an amendment'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_version_frozen';
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="version_kept",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func="""
                IF OLD.state <> 'draft'
                    AND coalesce(current_setting('loudou.allow_history_delete', true), '') <> 'on' THEN
                    RAISE EXCEPTION 'a version that was offered is never deleted'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_version_kept';
                END IF;
                RETURN OLD;
                """,
            ),
            pgtrigger.Trigger(
                name="version_state_of_contract",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("state"),
                timing=pgtrigger.Deferred,
                func="PERFORM loudou_check_contract(NEW.contract_id); RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract} v{self.sequence}"

    @property
    def is_amendment(self) -> bool:
        """Whether it changes a contract that was already signed."""
        return self.sequence > 1

    @property
    def is_open(self) -> bool:
        """Whether it is still being negotiated."""
        return self.state in OPEN_VERSION


def only_in_draft(name: str) -> list[pgtrigger.Trigger]:
    """Triggers for rows that belong to a version: they are written only while it is a draft.

    Undoing an import may delete what it brought (see `core.audit.append_only`).
    """
    refuse = """
        RAISE EXCEPTION 'what was offered or agreed is not edited: draft an amendment'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_version_frozen';
    """
    lock = "PERFORM 1 FROM contracts_contractversion WHERE id = {row}.version_id AND state = 'draft' FOR SHARE;"
    return [
        pgtrigger.Trigger(
            name=f"{name}_only_in_draft",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert | pgtrigger.Update,
            func=f"""
            {lock.format(row="NEW")}
            IF NOT FOUND THEN {refuse} END IF;
            IF TG_OP = 'UPDATE' AND OLD.version_id <> NEW.version_id THEN {refuse} END IF;
            RETURN NEW;
            """,
        ),
        pgtrigger.Trigger(
            name=f"{name}_kept",
            when=pgtrigger.Before,
            operation=pgtrigger.Delete,
            func=f"""
            IF coalesce(current_setting('loudou.allow_history_delete', true), '') <> 'on' THEN
                {lock.format(row="OLD")}
                IF NOT FOUND THEN {refuse} END IF;
            END IF;
            RETURN OLD;
            """,
        ),
    ]
