"""The filter bar: any set of filters as a search box, a few menus and "more"; what is set, as chips to take away."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django_filters.widgets import SuffixedMultiWidget

from loudou.web.frame.filter_controls import draw_control
from loudou.web.frame.filters import SEARCH, ListFilter, flat_choices

if TYPE_CHECKING:
    from loudou.web.frame.lists import ListPage

FILTERS = "filters"
"""The parameter of a list's address that asks for the filters of a closed menu: of one filter, or of "More"."""
MORE = "more"
WAITING = "filters-"
"""How the id of the element begins that they fill when htmx asks."""


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is set, in words, and the address without it."""

    label: str
    text: str
    address: str


class Menu:
    """A menu of the bar: one filter, or all those behind "More". What costs time waits until somebody opens it."""

    def __init__(self, page: ListPage, filterset: type[ListFilter], key: str, names: list[str]) -> None:
        self.page, self.filterset, self.key, self.names = page, filterset, key, names

    @property
    def label(self) -> str:
        """What the menu is called."""
        return _("More") if self.key == MORE else str(self.filterset.declared()[self.key].label)

    @functools.cached_property
    def given(self) -> list[tuple[str, str]]:
        """Parameters of its filters that are set: they stay in the form while the menu is closed."""
        names = [parameter for name in self.names for parameter in self.filterset.parameters(name)]
        return [(name, value) for name in names for value in self.page.query.getlist(name) if value]

    @property
    def is_open(self) -> bool:
        """Whether the address asks for it, which is how a waiting menu is reached without scripts."""
        return self.page.query.get(FILTERS) == self.key

    @property
    def waits(self) -> bool:
        """Whether its filters are drawn when somebody opens it."""
        return (self.key == MORE or self.key in self.filterset.late) and not self.is_open

    @property
    def element_id(self) -> str:
        """Id of the element that htmx fills."""
        return f"{WAITING}{self.key}"

    @property
    def address(self) -> str:
        """Address of the same list with the menu open."""
        address = self.page.address()
        return f"{address}{'&' if '?' in address else '?'}{FILTERS}={self.key}"

    def drawn(self) -> SafeString:
        """Its filters."""
        parts = (draw_control(self.page, self.filterset, name) for name in self.names)
        return mark_safe("".join(parts))  # noqa: S308 - each part is escaped


class FilterBar:
    """What the bar of a list shows."""

    def __init__(self, page: ListPage, filterset: type[ListFilter]) -> None:
        self.page, self.filterset = page, filterset

    @property
    def has_search(self) -> bool:
        """Whether the set has a filter named `q`."""
        return SEARCH in self.filterset.declared()

    @property
    def search_label(self) -> str | Promise:
        """What the search box searches."""
        label: str | Promise = self.filterset.declared()[SEARCH].label
        return label

    @property
    def words(self) -> str:
        """What is searched for."""
        return self.page.query.get(SEARCH) or ""

    def menus(self) -> list[Menu]:
        """A menu for each filter in the bar, and one for the others."""
        menus = [Menu(self.page, self.filterset, name, [name]) for name in self.filterset.main_names()]
        if others := self.filterset.more_names():
            menus.append(Menu(self.page, self.filterset, MORE, others))
        return menus

    def errors(self) -> list[str]:
        """What is wrong with the values in the address."""
        return self.page.filters.mistakes if self.page.filters is not None else []

    def kept(self) -> Iterator[tuple[str, str]]:
        """Parameters of the list that are no filters and must survive a change of filters."""
        for name in self.page.kept_parameters:
            for value in self.page.query.getlist(name):
                yield name, value


def asked_menu(page: ListPage) -> Menu | None:
    """The menu whose filters htmx asks for, None when it asks for something else."""
    target = page.request.htmx.target or ""
    if page.filterset is None or not target.startswith(WAITING):
        return None
    menus = FilterBar(page, page.filterset).menus()
    return next((menu for menu in menus if menu.element_id == target), None)


def chips(page: ListPage) -> list[Chip]:
    """Filters that are set, the search included, with the address that takes each away."""
    filters = page.filters
    if filters is None or not filters.filters:
        return []
    found = []
    for name, field in filters.form.fields.items():
        if text := _text_of(page.query, filters, name, field):
            without = dict.fromkeys(filters.parameters(name), None)
            found.append(Chip(str(filters.form[name].label), text, page.address(page=None, **without)))
    return found


def _text_of(query: QueryDict, filters: ListFilter, name: str, field: forms.Field) -> str:
    """What a filter is set to, in words."""
    sent = filters.values_of(name, query)
    if isinstance(field, forms.ModelChoiceField):
        rows = filters.cleaned.get(name)
        if rows is None:
            return ", ".join(sent)
        rows = rows if hasattr(rows, "__iter__") else [rows]
        return ", ".join(field.label_from_instance(row) for row in rows)
    if isinstance(field.widget, SuffixedMultiWidget):
        ends = [query.get(key, "") for key in filters.parameters(name)]
        return " – ".join(end or "…" for end in ends)
    if isinstance(field, forms.ChoiceField) or isinstance(field.widget, forms.Select):
        labels = {str(key): str(label) for key, label in flat_choices(field.widget.choices)}
        return ", ".join(labels.get(value, value) for value in sent)
    return ", ".join(sent)
