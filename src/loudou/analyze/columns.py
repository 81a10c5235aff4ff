"""Which column of an export holds which field: found by its heading, in English or Chinese, or said by the person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from loudou.core.refusals import BusinessRefusal
from loudou.exchange.targets.kinds import OPPORTUNITIES
from loudou.exchange.targets.synonyms import propose_mapping
from loudou.exchange.values.texts import letters

FIELDS = (
    "id", "subject", "owner", "stage", "state", "is_won", "is_closed", "amount", "currency",
    "opened_on", "closed_on", "expected_on", "product", "customer", "source",
    "next_step_on", "last_activity_on", "pushes",
)  # fmt: skip
_SAME_AS_IMPORT = {"external_id": "id"}
_OF_ITS_OWN = {
    "is_won": ("is won", "won flag", "iswon", "是否赢单"),
    "is_closed": ("is closed", "isclosed", "closed flag", "是否关闭"),
    "last_activity_on": (
        "last activity", "last activity date", "last activity time", "last contacted", "last modified activity",
        "最近跟进", "最近跟进时间", "最后跟进时间", "最后跟进日期", "最近活动时间",
    ),
    "pushes": ("push count", "pushes", "times pushed", "推迟次数", "延期次数"),
}  # fmt: skip
"""Headings of fields that an import has no use for."""


class ColumnUnknown(BusinessRefusal):
    """`--map` names a field or column that does not exist."""

    code = "column_unknown"
    message = _("“%(given)s” does not fit. Write field=column; fields: %(fields)s; columns: %(columns)s.")
    status = 422


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person said beyond the files."""

    columns: Mapping[str, str] = field(default_factory=dict)
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
            found[name] = columns[0]
    for name, header in given.items():
        if name not in FIELDS or header not in headers:
            raise ColumnUnknown(given=f"{name}={header}", fields=", ".join(FIELDS), columns=", ".join(headers))
        found[name] = headers.index(header)
    return found
