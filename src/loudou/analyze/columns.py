"""Which column of an export holds which field: found by its heading, in English or Chinese, or said by the person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from loudou.core.refusals import BusinessRefusal
from loudou.exchange.targets.kinds import OPPORTUNITIES, STAGE_HISTORY
from loudou.exchange.targets.synonyms import propose_mapping
from loudou.exchange.values.texts import letters

FIELDS = (
    "id", "subject", "owner", "stage", "state", "is_won", "is_closed", "amount", "currency",
    "opened_on", "closed_on", "expected_on", "product", "customer", "source", "team", "kind", "process", "probability",
    "next_step_on", "last_activity_on", "pushes",
)  # fmt: skip
HISTORY_FIELDS = ("opportunity", "at", "stage", "from_stage", "amount", "expected_on", "recorded_field")
_SAME_AS_IMPORT = {"external_id": "id", "purchase_kind": "kind"}
_OF_ITS_OWN = {
    "is_won": ("is won", "won flag", "iswon", "是否赢单"),
    "is_closed": ("is closed", "isclosed", "closed flag", "是否关闭"),
    "last_activity_on": (
        "last activity", "last activity date", "last activity time", "last contacted", "last modified activity",
        "最近跟进", "最近跟进时间", "最后跟进时间", "最后跟进日期", "最近活动时间",
    ),
    "team": (
        "team", "sales team", "owner team", "regional office", "sales region", "department", "sales department",
        "团队", "销售团队", "部门", "所属部门", "销售部门", "大区",
    ),
    "kind": (
        "kind", "opportunity type", "record type", "business type", "category",
        "类型", "商机类型", "业务类型", "机会类型", "类别",
    ),
    "pushes": ("push count", "pushes", "times pushed", "推迟次数", "延期次数"),
}  # fmt: skip
"""Headings of fields that an import has no use for."""


class ColumnUnknown(BusinessRefusal):
    """`--map` names a field or column that does not exist."""

    code = "column_unknown"
    message = _("“%(given)s” does not fit. Write field=column; fields: %(fields)s; columns: %(columns)s.")
    status = 422


class HistoryColumnMissing(BusinessRefusal):
    """A history of stages must say which deal came to which stage when."""

    code = "history_column_missing"
    message = _(
        "The history does not say %(fields)s. Name the column with --map-history %(example)s=COLUMN; columns: "
        "%(columns)s."
    )
    status = 422


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person said beyond the files."""

    columns: Mapping[str, str] = field(default_factory=dict)
    history_columns: Mapping[str, str] = field(default_factory=dict)
    won: Sequence[str] = ()
    lost: Sequence[str] = ()


def find_columns(headers: Sequence[str], given: Mapping[str, str]) -> dict[str, int]:
    """Field -> column: what the person said first, then the synonyms that imports know. Raises ColumnUnknown."""
    found: dict[str, int] = {}
    for column, code in propose_mapping(OPPORTUNITIES, headers).items():
        name = _SAME_AS_IMPORT.get(code, code)
        if name in FIELDS:
            found.setdefault(name, column)
    plain = [letters(header) for header in headers]
    for name, words in _OF_ITS_OWN.items():
        known = {letters(word) for word in words}
        columns = [column for column, header in enumerate(plain) if header in known]
        if columns:
            found.setdefault(name, columns[0])
    return _said(found, headers, given, FIELDS)


def find_history_columns(headers: Sequence[str], given: Mapping[str, str]) -> dict[str, int]:
    """Field -> column of a history of stages, as `find_columns`. Raises ColumnUnknown, HistoryColumnMissing.

    A log whose rows have an id of their own (`Id` beside `OpportunityId`) is not read by it.
    """
    own_id = [column for column, header in enumerate(headers) if letters(header) == "id"]
    without = ["" if column in own_id else header for column, header in enumerate(headers)]
    proposed = propose_mapping(STAGE_HISTORY, without)
    if "opportunity" not in proposed.values():
        proposed = propose_mapping(STAGE_HISTORY, headers)
    found = _said({code: column for column, code in proposed.items()}, headers, given, HISTORY_FIELDS)
    if missing := [name for name in ("opportunity", "at", "stage") if name not in found]:
        raise HistoryColumnMissing(fields=", ".join(missing), example=missing[0], columns=", ".join(headers))
    return {name: column for name, column in found.items() if name in HISTORY_FIELDS}


def _said(
    found: dict[str, int], headers: Sequence[str], given: Mapping[str, str], fields: Sequence[str]
) -> dict[str, int]:
    for name, header in given.items():
        if name not in fields or header not in headers:
            raise ColumnUnknown(given=f"{name}={header}", fields=", ".join(fields), columns=", ".join(headers))
        found[name] = headers.index(header)
    return found
