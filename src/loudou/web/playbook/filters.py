"""By what cards are narrowed; the state is the address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter, CharFilter, MultipleChoiceFilter

from loudou.catalog import selectors as catalog
from loudou.catalog.models import Product
from loudou.core import clock
from loudou.core.searchtext import matches
from loudou.pipeline.selectors.sales_setup import active_competitors
from loudou.playbook.choices import CardKind, CardState
from loudou.web.frame.choosers import PeopleFilter, chooser_filter
from loudou.web.frame.filters import Choice, ListFilter, YesNo
from loudou.web.playbook.forms import stage_choices


class CardFilter(ListFilter):
    """Everything by which cards are narrowed."""

    main = ("kind", "product", "line", "competitor")
    late = ("line", "competitor")

    q = CharFilter(label=_("Search"), method="search")
    kind = MultipleChoiceFilter(label=_("Kind"), choices=CardKind.choices)
    product = chooser_filter("products", label=_("Product"), method="of_product")
    line = MultipleChoiceFilter(label=_("Product line"), method="of_lines")
    competitor = MultipleChoiceFilter(label=_("Competitor"), field_name="competitor_id")
    stage = MultipleChoiceFilter(label=_("For stages"), method="for_stages")
    state = MultipleChoiceFilter(label=_("State"), choices=CardState.choices)
    keeper = PeopleFilter(label=_("Keeper"))
    stale = BooleanFilter(label=_("To be checked"), method="is_stale", widget=YesNo())

    def choices_of(self, name: str) -> Sequence[Choice] | None:
        """Product lines, competitors and stages."""
        if name == "line":
            return [(str(pk), line) for pk, line in catalog.product_lines(self.request.user).values_list("pk", "name")]
        if name == "competitor":
            return [(str(rival.pk), rival.name) for rival in active_competitors()]
        if name == "stage":
            return stage_choices()
        return None

    def search(self, rows: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        """Cards that hold every word."""
        return rows.filter(matches(words))

    def of_product(self, rows: Any, name: str, product: Product | None) -> Any:
        """Cards that serve a product: its own, those of its line, and those of all products."""
        if product is None:
            return rows
        return rows.for_product(product)

    def of_lines(self, rows: Any, name: str, lines: list[str]) -> Any:
        """Cards about any of these lines."""
        return rows.of_lines([int(pk) for pk in lines]) if lines else rows

    def for_stages(self, rows: Any, name: str, stages: list[str]) -> Any:
        """Cards that are meant for any of these stages."""
        return rows.for_stages_in([int(pk) for pk in stages]) if stages else rows

    def is_stale(self, rows: Any, name: str, wanted: bool) -> Any:
        """Published cards whose day has passed, or all others."""
        today = clock.today()
        return rows.stale(today=today) if wanted else rows.not_stale(today=today)
