"""What an amendment changes: lines, clauses, terms and payment plan of two versions side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db import models
from django.utils.functional import Promise

from loudou.contracts.choices import PlanState
from loudou.contracts.models import ContractClause, ContractVersion, Instalment, LineTerms, PaymentPlan

LINE_FIELDS = (
    "description", "specification", "quantity", "unit", "list_price", "unit_price", "discount_rate", "tax_rate",
    "amount", "due_on",
)  # fmt: skip
CLAUSE_FIELDS = ("title", "title_zh", "body", "body_zh", "is_main")
TERMS_FIELDS = (
    "effective_on", "expires_on", "performance_from", "performance_until", "performance_place", "performance_manner",
    "quality_standard", "acceptance_days", "warranty_months", "penalty_rate", "dispute_venue", "net_amount",
    "tax_amount", "amount",
)  # fmt: skip

PLAN_FIELDS = ("name", "basis", "fixed_on", "offset_months", "offset_days", "amount", "is_retention")

Change = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field that two versions say differently; None where one of them does not have it."""

    name: str
    label: str | Promise
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A line, clause or instalment that was added, removed or changed; `label` names it, `fields` is what differs.

    `instalments` are the two in question, where it is one.
    """

    change: Change
    label: str
    fields: tuple[FieldDifference, ...]
    line_id: int | None = None
    key: str = ""
    instalments: tuple[Instalment | None, Instalment | None] = (None, None)


@dataclass(frozen=True, slots=True)
class VersionDifferences:
    """What the newer of two versions changes; empty where both say the same."""

    lines: tuple[RowDifference, ...]
    clauses: tuple[RowDifference, ...]
    terms: tuple[FieldDifference, ...]

    def __bool__(self) -> bool:
        return bool(self.lines or self.clauses or self.terms)


def version_differences(old: ContractVersion, new: ContractVersion) -> VersionDifferences:
    """Compare two versions of one contract. Four statements, fewer when lines and clauses are loaded.

    Lines are the same when they continue one line of the contract; clauses when they regulate the same, further ones
    (`other`) when they bear the same heading.
    """
    return VersionDifferences(
        lines=tuple(_lines(old.terms.all(), new.terms.all())),
        clauses=tuple(_clauses(old.clauses.all(), new.clauses.all())),
        terms=tuple(_fields(old, new, TERMS_FIELDS)),
    )


def plan_differences(old: ContractVersion, new: ContractVersion) -> tuple[RowDifference, ...]:
    """Compare the payment plans of two versions, instalment by instalment; nothing where the newer brings none.

    A version without a plan of its own keeps the one before it, in proportion once its total changes. Four statements.
    """
    plans = PaymentPlan.objects.filter(contract_id=new.contract_id).order_by("pk")
    after = plans.filter(contract_version=new).exclude(state=PlanState.REPLACED).last()
    after = after or plans.filter(contract_version=new).last()
    if after is None:
        return ()
    before = plans.filter(contract_version__sequence__lte=old.sequence).last()
    held = {} if before is None else {row.position: row for row in before.instalments.all()}
    come = {row.position: row for row in after.instalments.all()}
    found = []
    for position in sorted({*held, *come}):
        pair = (held.get(position), come.get(position))
        difference = _row(*pair, PLAN_FIELDS)
        if difference:
            found.append(RowDifference(difference[0], str(pair[1] or pair[0]), difference[1], instalments=pair))
    return tuple(found)


def _lines(old: Iterable[LineTerms], new: Iterable[LineTerms]) -> Iterable[RowDifference]:
    before, after = {row.line_id: row for row in old}, {row.line_id: row for row in new}
    for pk in dict.fromkeys([*before, *after]):
        row = after.get(pk) or before[pk]
        found = _row(before.get(pk), after.get(pk), LINE_FIELDS)
        if found:
            yield RowDifference(found[0], row.description, found[1], line_id=pk)


def _clauses(old: Iterable[ContractClause], new: Iterable[ContractClause]) -> Iterable[RowDifference]:
    before, after = ({_same(row): row for row in rows} for rows in (old, new))
    for same in dict.fromkeys([*before, *after]):
        row = after.get(same) or before[same]
        found = _row(before.get(same), after.get(same), CLAUSE_FIELDS)
        if found:
            yield RowDifference(found[0], str(row), found[1], key=row.key)


def _same(clause: ContractClause) -> tuple[str, str]:
    return (clause.key, "" if clause.key != "other" else clause.title or clause.title_zh)


def _row(
    old: models.Model | None, new: models.Model | None, names: Sequence[str]
) -> tuple[Change, tuple[FieldDifference, ...]] | None:
    fields = tuple(_fields(old, new, names))
    if old is None:
        return "added", fields
    if new is None:
        return "removed", fields
    return ("changed", fields) if fields else None


def _fields(old: models.Model | None, new: models.Model | None, names: Sequence[str]) -> Iterable[FieldDifference]:
    row = new or old
    if row is None:
        return
    for name in names:
        values = [None if each is None else getattr(each, name) for each in (old, new)]
        if values[0] != values[1]:
            label = row._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            yield FieldDifference(name, label, *values)
