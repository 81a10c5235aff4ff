"""The past of opportunities: one row says that one of them entered a stage, or was won or lost, at a time."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loudou.exchange.choices import Mode, ObjectKind, RecordedField
from loudou.exchange.targets.kinds.base import Kind
from loudou.exchange.targets.target import Reference, Target, ValueType

V, R = ValueType, Reference

STAGE_HISTORY = Kind(
    ObjectKind.STAGE_HISTORY,
    (
        Target(
            "opportunity",
            _("Opportunity: id in another system, or subject"),
            V.REFERENCE,
            "A-1001",
            required=True,
            reference=R.OPPORTUNITY,
        ),
        Target("at", _("When"), V.MOMENT, "2026-02-03 09:30", required=True),
        Target(
            "stage",
            _("Stage or outcome it came to"),
            V.REFERENCE,
            "Proposal submitted",
            required=True,
            reference=R.STAGE,
        ),
        Target("from_stage", _("Stage it came from"), V.REFERENCE, "First contact", reference=R.STAGE),
        Target("who", _("Who moved it"), V.REFERENCE, "Li Wei", reference=R.USER),
        Target("amount", _("Amount at that time"), V.MONEY, "680000"),
        Target("expected_on", _("Expected signing date at that time"), V.DATE),
        Target("probability", _("Rep's probability at that time"), V.SHARE),
        Target("owner", _("Owner at that time"), V.REFERENCE, reference=R.USER),
        Target("recorded_field", _("Which field the row is about"), V.CHOICE, choices=RecordedField),
        Target("note", _("Note"), length=500),
    ),
    {"opportunity": _("Opportunity")},
    creates_with="pipeline.change",
    changes_with="pipeline.change",
    line_targets=frozenset(
        {
            "at",
            "stage",
            "from_stage",
            "who",
            "amount",
            "expected_on",
            "probability",
            "owner",
            "recorded_field",
            "note",
        }
    ),
    grouped_by="opportunity",
    modes=(Mode.UPDATE,),
)
