"""Filters of lists: declared once, built only where an address sets them or a menu shows them."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django_filters import FilterSet
from django_filters.widgets import BooleanWidget, SuffixedMultiWidget

SEARCH = "q"
MAIN_FILTERS = 4
"""How many filters the bar shows when the set does not say (`main = (...)`)."""

Choice = tuple[Any, Any]


class YesNo(BooleanWidget):  # type: ignore[misc]  # django-filter carries no types
    """Yes or no in the reader's language; the library's own fixes its words when it is loaded."""

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs)
        self.choices = [("", ""), ("true", _("Yes")), ("false", _("No"))]


class ListFilter(FilterSet):  # type: ignore[misc]  # django-filter carries no types
    """A set of filters whose state is the address.

    An instance holds the filters that its data sets, and no others: a filter that is not set narrows nothing, and
    copying and validating two dozen of them would be most of a page's work. `only` names the filters to hold instead.
    """

    main: ClassVar[tuple[str, ...] | None] = None
    """The filters in the bar itself; the others wait under "More"."""
    late: ClassVar[tuple[str, ...]] = ()
    """Filters in the bar whose choices cost a statement: they are read when somebody opens the menu."""

    def __init__(self, data: QueryDict, *, request: Any, only: Collection[str] | None = None) -> None:
        held = self.given(data) if only is None else only
        # What django-filter copies is what it finds under this name on the instance.
        self.__dict__["base_filters"] = {name: each for name, each in self.declared().items() if name in held}
        super().__init__(data, ContentType.objects.none(), request=request)  # the rows come when they are narrowed
        for name, each in self.filters.items():
            if (choices := self.choices_of(name)) is not None:
                each.extra["choices"] = choices

    @functools.cached_property
    def cleaned(self) -> Mapping[str, Any]:
        """What the filters are set to; values that make no sense are left out."""
        if not self.filters:
            return {}
        self.form.is_valid()
        cleaned: Mapping[str, Any] = self.form.cleaned_data
        return cleaned

    @property
    def mistakes(self) -> list[str]:
        """What is wrong with the values that the data sets."""
        return [error for found in self.form.errors.values() for error in found] if self.filters else []

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows that pass."""
        for name, value in self.cleaned.items():
            queryset = self.filters[name].filter(queryset, value)
        return queryset

    def choices_of(self, name: str) -> Sequence[Choice] | None:
        """Choices that are known only with the request; None for a filter that declares its own."""
        return None

    @classmethod
    def declared(cls) -> Mapping[str, Any]:
        """All filters of the set by name, as they were declared."""
        declared: Mapping[str, Any] = cls.base_filters
        return declared

    @classmethod
    def given(cls, data: QueryDict) -> list[str]:
        """Names of the filters that the data sets."""
        return [name for name in cls.declared() if any(cls.values_of(name, data))]

    @classmethod
    def values_of(cls, name: str, data: QueryDict) -> tuple[str, ...]:
        """What the data sets a filter to, as text."""
        return tuple(value for parameter in cls.parameters(name) for value in data.getlist(parameter) if value)

    @classmethod
    def parameters(cls, name: str) -> list[str]:
        """The parameters of the address that belong to a filter: its name, or both ends of a range."""
        declared = cls.declared()[name]
        widget = declared.extra.get("widget") or declared.field_class.widget
        suffixes = getattr(widget, "suffixes", ()) if _is_range(widget) else ()
        return [f"{name}_{suffix}" if suffix else name for suffix in suffixes] or [name]

    @classmethod
    def main_names(cls) -> list[str]:
        """Filters in the bar, in the order of the set."""
        names = [name for name in cls.declared() if name != SEARCH]
        return names[:MAIN_FILTERS] if cls.main is None else [name for name in names if name in cls.main]

    @classmethod
    def more_names(cls) -> list[str]:
        """Filters behind "More"."""
        main = {SEARCH, *cls.main_names()}
        return [name for name in cls.declared() if name not in main]


def _is_range(widget: Any) -> bool:
    return issubclass(widget if isinstance(widget, type) else type(widget), SuffixedMultiWidget)


def flat_choices(choices: Any) -> Iterator[Choice]:
    """Keys and labels of choices, those in groups included."""
    for key, label in choices:
        if isinstance(label, (list, tuple)):
            yield from label
        else:
            yield key, label
