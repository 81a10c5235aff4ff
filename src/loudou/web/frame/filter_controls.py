"""Filters as drawn: lists of choices straight from the declaration, without a form; inputs from a form's field.

Drawn in Python, because every list has half a dozen with some fifty choices, and a template costs more than the rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from html import escape
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django_filters import ChoiceFilter, ModelChoiceFilter, ModelMultipleChoiceFilter, MultipleChoiceFilter

from loudou.web.frame.fields import dressed
from loudou.web.frame.filters import Choice, ListFilter, flat_choices
from loudou.web.frame.surroundings import drawn_once

if TYPE_CHECKING:
    from loudou.web.frame.lists import ListPage

NARROWED_FROM = 8
"""Choices from which on a list gets a box to find one."""


def draw_control(page: ListPage, filterset: Any, name: str) -> SafeString:
    """Draw a filter's label and choices, or its input."""
    declared = filterset.declared()[name]
    label, values = str(declared.label), filterset.values_of(name, page.query)
    if _lists_choices(declared):
        late = page.filters.choices_of(name) if page.filters is not None else None
        choices = declared.extra.get("choices", ()) if late is None else late
        return _draw_choices(name, label, choices, values, is_multiple=isinstance(declared, MultipleChoiceFilter))
    if not values and not _offers_rows(declared):
        return _draw_unset(filterset, name)
    return _draw_field(filterset(page.query, request=page.request, only=(name,)), name, values)


def _lists_choices(declared: Any) -> bool:
    """Whether a filter's choices are known without a form."""
    if isinstance(declared, ModelChoiceFilter | ModelMultipleChoiceFilter) or declared.extra.get("null_label"):
        return False
    return isinstance(declared, ChoiceFilter | MultipleChoiceFilter) and not callable(declared.extra.get("choices"))


def _offers_rows(declared: Any) -> bool:
    """Whether an unset filter shows rows of the database; a chooser that asks the server shows none."""
    rows = isinstance(declared, ModelChoiceFilter | ModelMultipleChoiceFilter)
    return rows and "data-lookup" not in getattr(declared.extra.get("widget"), "attrs", {})


@drawn_once
def _draw_unset(filterset: Any, name: str) -> SafeString:
    """Draw an input that is not set: nothing but the language decides how it looks."""
    return _draw_field(filterset(QueryDict(), request=None, only=(name,)), name, ())


def _draw_field(filters: ListFilter, name: str, values: Collection[str]) -> SafeString:
    bound = filters.form[name]
    bound.form.auto_id = "filter_%s"  # a dialog's form may have fields of the same names
    widget = bound.field.widget
    label = str(bound.label)
    if isinstance(widget, forms.Select) and "data-lookup" not in widget.attrs:
        return _draw_choices(name, label, widget.choices, values, is_multiple=widget.allow_multiple_selected)
    return _framed(label, f'<div class="filter-input">{_draw_input(bound)}</div>')


def _draw_input(bound: BoundField) -> SafeString:
    """A control with a name that readers of screens hear."""
    widget = bound.field.widget
    if isinstance(widget, forms.MultiWidget):
        for part, end in zip(widget.widgets, (_("from"), _("to")), strict=False):
            part.attrs.update({"aria-label": f"{bound.label} {end}", "placeholder": end})
    else:
        widget.attrs["aria-label"] = str(bound.label)
    return dressed(bound, css="form-control-sm")


def _draw_choices(
    name: str, label: str, choices: Iterable[Choice], values: Collection[str], *, is_multiple: bool
) -> SafeString:
    """Draw ticks, or radio buttons that begin with "any"."""
    offered = [(str(key), str(text)) for key, text in flat_choices(choices) if str(key)]
    find = ""
    if len(offered) + (not is_multiple) > NARROWED_FROM:
        hint, spoken = escape(_("Find…")), escape(_("Find in %(name)s") % {"name": label})
        find = (
            f'<input type="text" class="form-control form-control-sm" placeholder="{hint}"'
            f' aria-label="{spoken}" data-narrow autocomplete="off">'
        )
    kind = "checkbox" if is_multiple else "radio"
    start = f'<label class="form-check"><input type="{kind}" class="form-check-input" name="{name}" value="'
    between, end = '><span class="form-check-label">', "</span></label>"
    drawn = [
        f'{start}{escape(key)}"{" checked" if key in values else ""}{between}{escape(text)}{end}'
        for key, text in offered
    ]
    if not is_multiple:
        whatever = escape(_("Any"))
        drawn.insert(0, f'{start}"{"" if values else " checked"}{between}{whatever}{end}')
    return _framed(label, f'{find}<div class="choice-list">{"".join(drawn)}</div>')


def _framed(label: str, content: str) -> SafeString:
    legend = f'<legend class="menu-title">{escape(label)}</legend>'
    return mark_safe(f'<fieldset class="filter-control">{legend}{content}</fieldset>')  # noqa: S308 - parts are escaped
