"""The filter bar: any FilterSet as a search box, a few menus and "more"; what is set, as chips to take away."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms import BoundField
from django_filters.widgets import SuffixedMultiWidget

if TYPE_CHECKING:
    from loudou.web.frame.lists import ListPage

SEARCH = "q"
MAIN_FILTERS = 4
"""How many filters the bar shows when the set does not say (`main = (...)`)."""


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is set, in words, and the address without it."""

    label: str
    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Control:
    """One filter as drawn: its field, whether it is set, and what it is set to."""

    field: BoundField
    text: str

    @property
    def is_set(self) -> bool:
        """Whether the filter narrows the list."""
        return bool(self.text)

    @property
    def is_list(self) -> bool:
        """Whether its choices are drawn as a list of ticks or radio buttons."""
        widget = self.field.field.widget
        return isinstance(widget, forms.Select) and "data-lookup" not in widget.attrs

    @property
    def is_multiple(self) -> bool:
        """Whether several choices may be ticked."""
        return isinstance(self.field.field.widget, forms.SelectMultiple)

    @property
    def looks(self) -> tuple[Any, ...]:
        """Everything that decides how the control is drawn, beside the language."""
        drawn_from = tuple(self.options) if self.is_list else (str(self.field.data), self.text)
        errors = tuple(self.field.errors)
        widget = type(self.field.field.widget)
        return (self.field.html_name, str(self.field.label), self.is_multiple, widget, drawn_from, errors)

    @property
    def options(self) -> list[tuple[str, str, bool]]:
        """Key, label, and whether ticked, of each choice; the empty choice is left out of ticks."""
        chosen = set(
            map(str, self.field.data if isinstance(self.field.data, (list, tuple)) else [self.field.data or ""])
        )
        return [
            (str(key), str(label), str(key) in chosen)
            for key, label in flat_choices(self.field.field.widget.choices)
            if str(key) or not self.is_multiple
        ]


class FilterBar:
    """What the bar of a list shows."""

    def __init__(self, page: ListPage) -> None:
        self.page = page
        self.form: forms.Form | None = page.filters.form if page.filters is not None else None
        if self.form is not None:
            self.form.auto_id = "filter_%s"  # a dialog's form may have fields of the same names

    @property
    def search(self) -> BoundField | None:
        """The search box, when the set has a filter named `q`."""
        return self.form[SEARCH] if self.form is not None and SEARCH in self.form.fields else None

    @functools.cached_property
    def controls(self) -> list[Control]:
        """All filters besides the search box, in the order of the set."""
        if self.form is None:
            return []
        return [Control(self.form[name], self.text_of(name)) for name in self.form.fields if name != SEARCH]

    @property
    def main(self) -> list[Control]:
        """Filters in the bar itself: those that the set calls main."""
        names = getattr(self.page.filterset, "main", None)
        if names is None:
            return self.controls[:MAIN_FILTERS]
        return [control for control in self.controls if control.field.name in names]

    @property
    def more(self) -> list[Control]:
        """Filters behind "More"."""
        main = {control.field.name for control in self.main}
        return [control for control in self.controls if control.field.name not in main]

    @property
    def more_set(self) -> int:
        """How many filters behind "More" are set."""
        return sum(control.is_set for control in self.more)

    def chips(self) -> list[Chip]:
        """Filters that are set, the search included."""
        if self.form is None:
            return []
        found = []
        for name, field in self.form.fields.items():
            text = self.text_of(name)
            if text:
                removed = dict.fromkeys(_parameters(name, field), None)
                found.append(Chip(str(self.form[name].label), text, self.page.address(page=None, **removed)))
        return found

    def kept(self) -> Iterator[tuple[str, str]]:
        """Parameters of the list that are no filters and must survive a change of filters."""
        for name in self.page.kept_parameters:
            for value in self.page.query.getlist(name):
                yield name, value

    def text_of(self, name: str) -> str:
        """What a filter is set to, in words; '' when it is not set."""
        assert self.form is not None  # noqa: S101 - callers checked
        field = self.form.fields[name]
        sent = [value for key in _parameters(name, field) for value in self.page.query.getlist(key) if value]
        if not sent:
            return ""
        if isinstance(field, forms.ModelChoiceField):
            rows = self.form.cleaned_data.get(name) if self.form.is_valid() else None
            if rows is None:
                return ", ".join(sent)
            rows = rows if hasattr(rows, "__iter__") else [rows]
            return ", ".join(field.label_from_instance(row) for row in rows)
        if isinstance(field.widget, SuffixedMultiWidget):
            ends = [self.page.query.get(key, "") for key in _parameters(name, field)]
            return " – ".join(end or "…" for end in ends)
        if isinstance(field, forms.ChoiceField) or isinstance(field.widget, forms.Select):
            labels = {str(key): str(label) for key, label in flat_choices(field.widget.choices)}
            return ", ".join(labels.get(value, value) for value in sent)
        return ", ".join(sent)


def _parameters(name: str, field: forms.Field) -> list[str]:
    if isinstance(field.widget, SuffixedMultiWidget):
        return [f"{name}_{suffix}" if suffix else name for suffix in field.widget.suffixes]
    return [name]


def flat_choices(choices: Any) -> Iterator[tuple[Any, Any]]:
    """Keys and labels of choices, those in groups included."""
    for key, label in choices:
        if isinstance(label, (list, tuple)):
            yield from label
        else:
            yield key, label
