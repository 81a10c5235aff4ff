"""What is known about a customer that decides its phase, and the phases it went through."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from loudou.core import audit
from loudou.core.models.base import blank_text
from loudou.customers.choices import EvidenceKind, Phase, PhaseCause
from loudou.customers.models.customer import Customer
from loudou.customers.phases import EvidenceSubject, Truth


class Fact(models.Model):
    """What evidence and its standing copy share."""

    kind = models.CharField(_("evidence"), max_length=26, choices=EvidenceKind.choices)
    subject_model = models.CharField(_("kind of record"), max_length=60)
    subject_id = models.BigIntegerField(_("id of the record"))
    subject_label = blank_text(_("record"), 255)
    at = models.DateTimeField(_("when"))
    due_on = models.DateField(_("expected or due"), null=True)
    settled_on = models.DateField(_("received in full"), null=True)

    class Meta:
        abstract = True

    @property
    def subject(self) -> EvidenceSubject:
        """The record that this is about."""
        return EvidenceSubject(self.subject_model, self.subject_id, self.subject_label)

    @property
    def truth(self) -> Truth:
        """This as the phases reckon with it."""
        return Truth(EvidenceKind(self.kind), self.subject, self.at, self.due_on, self.settled_on)


class Evidence(Fact):
    """That something about a customer began or ceased to hold. Never edited.

    `at` is when it happened, `recorded_at` when Loudou learned of it. For each customer, kind and subject the row with
    the greatest id tells what is true now: what was learned last is what is known.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="evidence")
    holds = models.BooleanField(_("holds"))
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    cause = blank_text(_("cause"), 255)
    facts = models.JSONField(_("facts"), default=dict)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["customer", "kind", "subject_model", "subject_id", "-id"], name="evidence_newest"),
            models.Index(fields=["subject_model", "subject_id"], name="evidence_subject"),
        ]
        triggers = audit.append_only(blackens=("subject_label", "cause", "facts"))

    def __str__(self) -> str:
        return f"{self.customer}: {self.get_kind_display()} {self.subject_label}"


class StandingEvidence(Fact):
    """What holds now: a copy of the newest evidence of each customer, kind and subject, gone when that ceases to hold.

    A cache, written in the transaction that records the evidence; `loudou check` proves that both agree.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="standing_evidence")
    evidence = models.OneToOneField(Evidence, on_delete=models.CASCADE, related_name="standing")

    class Meta:
        verbose_name = _("standing evidence")
        verbose_name_plural = _("standing evidence")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind", "subject_model", "subject_id"], name="standing_evidence_once"
            )
        ]
        indexes = [
            models.Index(fields=["subject_model", "subject_id", "kind"], name="standing_evidence_subject"),
            models.Index(fields=["kind", "subject_id", "customer"], name="standing_evidence_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.customer}: {self.get_kind_display()} {self.subject_label}"


class PhaseChange(models.Model):
    """One change of a customer's phase, with what caused it, kept for ever."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="phase_changes")
    from_phase = models.PositiveSmallIntegerField(_("from"), choices=Phase.choices)
    to_phase = models.PositiveSmallIntegerField(_("to"), choices=Phase.choices)
    at = models.DateTimeField(_("when"))
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    cause = models.CharField(_("cause"), max_length=10, choices=PhaseCause.choices)
    evidence = models.ForeignKey(
        Evidence, on_delete=models.CASCADE, null=True, related_name="phase_changes", verbose_name=_("evidence")
    )

    class Meta:
        verbose_name = _("change of phase")
        verbose_name_plural = _("changes of phase")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["customer", "at", "id"], name="phase_change_customer"),
            models.Index(fields=["to_phase", "at"], name="phase_change_entered"),
        ]
        triggers = audit.append_only()

    def __str__(self) -> str:
        return f"{self.customer}: {self.get_from_phase_display()} → {self.get_to_phase_display()}"
