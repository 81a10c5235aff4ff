"""What a kind of rows is, and the targets that several kinds share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou.exchange.choices import Mode, ObjectKind
from loudou.exchange.targets.target import Reference, Target, ValueType

OWNER = Target("owner", _("Owner"), ValueType.REFERENCE, "Li Wei", reference=Reference.USER)
EXTERNAL_ID = Target("external_id", _("Id in another system"), sample="A-1001", length=100)
NOTES = Target("notes", _("Notes"))
CUSTOMER = (
    Target("customer", _("Customer"), ValueType.REFERENCE, "Huaxin Machinery Ltd.", reference=Reference.CUSTOMER),
    Target("customer_key", _("Customer: id in another system"), ValueType.REFERENCE, reference=Reference.CUSTOMER_KEY),
    Target(
        "customer_domain",
        _("Customer: domain of the website"),
        ValueType.REFERENCE,
        reference=Reference.CUSTOMER_DOMAIN,
    ),
)
"""Three ways to name the customer of a row."""

CONTRACT = Target(
    "contract", _("Contract: number, or id in another system"), ValueType.REFERENCE, "HT2025-018",
    reference=Reference.CONTRACT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """What rows can be: targets, keys in the order in which they are tried, and the permissions asked for.

    `line_targets` are those of which one record may have several, so that several rows can be its lines.
    `grouped_by` is the key by which rows always belong together, as the moves of one opportunity do. The rows of a kind
    that `is_posted` are never changed once they are there: a known one is skipped. One that `is_known_by_any_key` is
    there once, by whatever key it is known, and is never created again; what is posted is of that sort.
    """

    code: ObjectKind
    targets: tuple[Target, ...]
    keys: Mapping[str, str | Promise]
    creates_with: str
    changes_with: str
    line_targets: frozenset[str] = frozenset()
    grouped_by: str = ""
    is_posted: bool = False
    is_known_by_any_key: bool = False
    modes: tuple[Mode, ...] = (Mode.BOTH, Mode.CREATE, Mode.UPDATE)
    _by_code: dict[str, Target] = field(default_factory=dict, repr=False, compare=False)

    def target(self, code: str) -> Target:
        """The target with this code. Raises KeyError."""
        if not self._by_code:
            self._by_code.update({target.code: target for target in self.targets})
        return self._by_code[code]

    def has(self, code: str) -> bool:
        """Whether there is a target with this code."""
        return any(target.code == code for target in self.targets)
