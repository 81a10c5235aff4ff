"""Columns: declared once, used by the screen, the column chooser and the export alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Choices
from django.template.loader import get_template
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from loudou.web.frame import formats

Kind = Literal["text", "number", "date", "datetime", "percent", "days", "boolean", "choice"]
NUMERIC_KINDS = ("number", "percent", "days")
EMPTY = mark_safe('<span class="text-secondary" aria-hidden="true">–</span>')


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a list.

    `value` is a path (`"customer.name"`) or a function of the row and is what exports write; it defaults to `name`.
    `kind` says how the screen shows it; `html` (a function of the row) or `template` (gets `row` and `value`) may draw
    it instead. `currency` makes it money: a path or function of the row. `sort` names the fields to order by.
    """

    name: str
    label: str | Promise
    value: str | Callable[[Any], Any] = ""
    kind: Kind = "text"
    currency: str | Callable[[Any], str] = ""
    html: Callable[[Any], SafeString] | None = None
    template: str = ""
    sort: str | tuple[str, ...] = ()
    shown: bool = True
    """Whether the column is there before the user chooses columns."""
    editable: bool = False
    """Whether a click edits the cell in place; the page then names an `InlineEdit` view."""
    numeric: bool = False
    hide_below: Literal["", "sm", "md", "lg", "xl"] = ""
    """Screen width below which the column gives way."""
    exported: bool = True

    @property
    def is_numeric(self) -> bool:
        """Whether cells line up on the right, digit under digit."""
        return self.numeric or bool(self.currency) or self.kind in NUMERIC_KINDS

    @property
    def sort_fields(self) -> tuple[str, ...]:
        """Fields to order by when ascending; empty when the column does not sort."""
        return (self.sort,) if isinstance(self.sort, str) and self.sort else tuple(self.sort)

    def value_of(self, row: Any) -> Any:
        """Return the plain value of a row: what an export writes."""
        return follow(row, self.value or self.name)

    def currency_of(self, row: Any) -> str:
        """Return the currency code of a money column's row, '' for other columns."""
        return str(follow(row, self.currency) or "") if self.currency else ""

    def cell(self, row: Any) -> SafeString:
        """Draw the cell's content for the screen, in the active language."""
        if self.html is not None:
            return self.html(row)
        value = self.value_of(row)
        if self.template:
            return mark_safe(  # noqa: S308 - a template escapes
                get_template(self.template).render({"row": row, "value": value, "column": self})
            )
        if value is None or value == "":
            return EMPTY
        if self.currency:
            return conditional_escape(formats.money(value, self.currency_of(row)))
        if self.kind == "text":
            return conditional_escape(value)
        return _DRAW[self.kind](value)


def follow(row: Any, path: str | Callable[[Any], Any]) -> Any:
    """Follow a dotted path over attributes (None stops the walk), or call a function with the row."""
    if callable(path):
        return path(row)
    for step in path.split("."):
        if row is None:
            return None
        row = row[step] if isinstance(row, dict) else getattr(row, step)
        if callable(row) and not isinstance(row, type):
            row = row()
    return row


def _choice(value: Any) -> SafeString:
    return conditional_escape(value.label if isinstance(value, Choices) else value)


def _boolean(value: Any) -> SafeString:
    from loudou.web.templatetags.loudou import icon  # tags draw columns, columns draw icons

    return format_html("{} {}", icon("check" if value else "x"), formats.yes_no(value))


_DRAW: dict[str, Callable[[Any], SafeString]] = {
    "number": lambda value: conditional_escape(formats.number(value)),
    "percent": lambda value: conditional_escape(formats.percent(value)),
    "days": lambda value: conditional_escape(formats.days(value)),
    "date": lambda value: formats.time_tag(value, formats.date(value)),
    "datetime": lambda value: formats.time_tag(value, formats.moment(value)),
    "boolean": _boolean,
    "choice": _choice,
}
