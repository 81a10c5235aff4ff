"""Columns: declared once, used by the screen, the column chooser and the export alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe

from loudou.web.frame.pens import EMPTY, Pen, getter, pen

__all__ = ["EMPTY", "NUMERIC_KINDS", "Column", "Kind", "Pen"]

Kind = Literal["text", "code", "number", "date", "datetime", "percent", "days", "boolean", "choice"]
NUMERIC_KINDS = ("number", "percent", "days")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a list.

    `value` is a path (`"customer.name"`) or a function of the row and is what exports write; it defaults to `name`.
    `kind` says how the screen shows it (`code` is a text that is not broken over lines). Instead `html` (a function of
    the row), `artist` (a function that makes such a function, called once for a page of rows) or `template` (gets `row`
    and `value`) may draw it. `currency` makes it money: a path or function of the row. `sort` names the fields to
    order by.
    """

    name: str
    label: str | Promise
    value: str | Callable[[Any], Any] = ""
    kind: Kind = "text"
    currency: str | Callable[[Any], str] = ""
    html: Callable[[Any], SafeString] | None = None
    artist: Callable[[], Pen] | None = None
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
    reads: tuple[str, ...] | None = None
    """Fields of the row that it is made from, for lists that read no others; None for the one it is called by."""

    @property
    def is_numeric(self) -> bool:
        """Whether cells line up on the right, digit under digit."""
        return self.numeric or bool(self.currency) or self.kind in NUMERIC_KINDS

    @property
    def sort_fields(self) -> tuple[str, ...]:
        """Fields to order by when ascending; empty when the column does not sort."""
        return (self.sort,) if isinstance(self.sort, str) and self.sort else tuple(self.sort)

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields of the row that it is made from."""
        return (self.name,) if self.reads is None else self.reads

    def reader(self) -> Callable[[Any], Any]:
        """Make what reads the plain value of a row: what an export writes."""
        return getter(self.value or self.name)

    def currency_reader(self) -> Callable[[Any], Any]:
        """Make what reads the currency code of a money column's row."""
        return getter(self.currency)

    def pen(self) -> Pen:
        """Make what draws the cells of a page, in the active language."""
        return pen(self)

    def cell(self, row: Any) -> SafeString:
        """Draw a single cell's content for the screen, in the active language."""
        return mark_safe(self.pen()(row))  # noqa: S308 - pens escape
