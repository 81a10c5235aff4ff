"""Payment plans: one row is one instalment, and the rows of a contract together are its plan."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from loudou.contracts.choices import DueBasis
from loudou.exchange.choices import Mode, ObjectKind
from loudou.exchange.targets.kinds.base import CONTRACT, Kind
from loudou.exchange.targets.target import Target, ValueType

V = ValueType

PAYMENT_PLANS = Kind(
    ObjectKind.PAYMENT_PLANS,
    (
        replace(CONTRACT, required=True),
        Target("position", _("Instalment no."), V.INTEGER, "1"),
        Target("name", _("Instalment"), sample="Deposit", length=120),
        Target("amount", _("Amount of the instalment"), V.MONEY, "67800"),
        Target("currency", _("Currency"), V.CURRENCY, "CNY"),
        Target("share", _("Share of the contract"), V.SHARE, "30%"),
        Target("due_on", _("Due on"), V.DATE, "2025-03-31"),
        Target("basis", _("Due when this happens"), V.CHOICE, "On signing", choices=DueBasis),
        Target("offset_months", _("Months later"), V.INTEGER),
        Target("offset_days", _("Days later"), V.INTEGER),
        Target("is_retention", _("Retention money"), V.TRUTH),
    ),
    {"contract": _("Contract")},
    creates_with="contracts.draft",
    changes_with="contracts.draft",
    line_targets=frozenset(
        {"position", "name", "amount", "share", "due_on", "basis", "offset_months", "offset_days", "is_retention"}
    ),
    grouped_by="contract",
    modes=(Mode.UPDATE,),
)
