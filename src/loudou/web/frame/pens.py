"""Pens: what draws the cells of a column, made once for a page, so that words and formats are not asked for per row."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from django.db.models import Choices
from django.template.loader import get_template
from django.utils.safestring import mark_safe

from loudou.web.frame import formats

if TYPE_CHECKING:
    from loudou.web.frame.columns import Column

Pen = Callable[[Any], str]
"""Draws the content of one cell from a row: safe HTML."""
EMPTY = mark_safe('<span class="text-secondary" aria-hidden="true">–</span>')
_DISPLAY = re.compile(r"get_(\w+)_display")


def pen(column: Column) -> Pen:
    """Make the pen of a column, for the active language and reader."""
    if column.artist is not None:
        return column.artist()
    if column.html is not None:
        return column.html
    value_of = getter(column.value or column.name)
    if column.template:
        template = get_template(column.template)
        return lambda row: template.render({"row": row, "value": value_of(row), "column": column})
    if column.currency:
        currency_of = getter(column.currency)
        return _unless_empty(value_of, lambda value, row: escape(formats.money(value, str(currency_of(row) or ""))))
    write = _WRITERS[column.kind]()
    return _unless_empty(value_of, lambda value, _row: write(value))


def getter(path: str | Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Make what follows a dotted path over attributes: None stops the walk, a function is called."""
    if callable(path):
        return path
    steps = [_display(step) if _DISPLAY.fullmatch(step) else _attribute(step) for step in path.split(".")]
    if len(steps) == 1:
        return steps[0]

    def walk(row: Any) -> Any:
        for step in steps:
            if row is None:
                return None
            row = step(row)
        return row

    return walk


def _attribute(name: str) -> Callable[[Any], Any]:
    def take(row: Any) -> Any:
        found = row[name] if isinstance(row, dict) else getattr(row, name)
        return found() if callable(found) and not isinstance(found, type) else found

    return take


def _display(name: str) -> Callable[[Any], Any]:
    """The label of a choice; rows share a few values, so each value is looked up once."""
    field, labels = name[4:-8], dict[Any, str]()

    def take(row: Any) -> str:
        value = getattr(row, field)
        if value not in labels:
            labels[value] = str(getattr(row, name)())
        return labels[value]

    return take


def _unless_empty(value_of: Callable[[Any], Any], write: Callable[[Any, Any], str]) -> Pen:
    def draw(row: Any) -> str:
        value = value_of(row)
        return EMPTY if value is None or value == "" else write(value, row)

    return draw


def _text() -> Pen:
    return lambda value: value.__html__() if hasattr(value, "__html__") else escape(str(value))


def _choice() -> Pen:
    return lambda value: escape(str(value.label if isinstance(value, Choices) else value))


def _boolean() -> Pen:
    from loudou.web.templatetags.loudou import icon  # tags draw columns, columns draw icons

    drawn = {said: f"{icon('check' if said else 'x')} {escape(formats.yes_no(said))}" for said in (True, False)}
    return lambda value: drawn[bool(value)]


_WRITERS: dict[str, Callable[[], Pen]] = {
    "text": _text,
    "code": lambda: lambda value: f'<span class="text-nowrap">{escape(str(value))}</span>',
    "number": lambda: lambda value: escape(formats.number(value)),
    "percent": lambda: lambda value: escape(formats.percent(value)),
    "days": lambda: lambda value: escape(formats.days(value)),
    "date": lambda: lambda value: formats.time_tag(value, formats.date(value)),
    "datetime": lambda: lambda value: formats.time_tag(value, formats.moment(value)),
    "boolean": _boolean,
    "choice": _choice,
}
