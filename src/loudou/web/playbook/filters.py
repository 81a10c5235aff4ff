"""By what cards are narrowed; the state is the address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter, CharFilter, MultipleChoiceFilter

from loudou.catalog import selectors as catalog
from loudou.catalog.models import Product
from loudou.core import clock
from loudou.core.searchtext import matches
from loudou.pipeline.selectors.sales_setup import active_competitors
from loudou.playbook.choices import CardKind, CardState
from loudou.playbook.models import CardLine
from loudou.web.frame.choosers import PeopleFilter, chooser_filter
from loudou.web.frame.filters import Choice, ListFilter, YesNo


class CardFilter(ListFilter):
    """Everything by which cards are narrowed."""

    main = ("kind", "product", "line", "competitor")
    late = ("line", "competitor")

    q = CharFilter(label=_("Search"), method="search")
    kind = MultipleChoiceFilter(label=_("Kind"), choices=CardKind.choices)
    product = chooser_filter("products", label=_("Product"), method="of_product")
    line = MultipleChoiceFilter(label=_("Product line"), method="of_lines")
    competitor = MultipleChoiceFilter(label=_("Competitor"), field_name="competitor_id")
    state = MultipleChoiceFilter(label=_("State"), choices=CardState.choices)
    keeper = PeopleFilter(label=_("Keeper"))
    stale = BooleanFilter(label=_("To be checked"), method="is_stale", widget=YesNo())

    def choices_of(self, name: str) -> Sequence[Choice] | None:
        """Product lines and competitors."""
        if name == "line":
            return [(str(pk), line) for pk, line in catalog.product_lines(self.request.user).values_list("pk", "name")]
        if name == "competitor":
            return [(str(rival.pk), rival.name) for rival in active_competitors()]
        return None

    def search(self, rows: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        """Cards that hold every word."""
        return rows.filter(matches(words))

    def of_product(self, rows: Any, name: str, product: Product | None) -> Any:
        """Cards that serve a product: its own, those of its line, and those of all products."""
        if product is None:
            return rows
        return rows.about(product_ids=[product.pk], line_ids=[product.line_id] if product.line_id else [])

    def of_lines(self, rows: QuerySet[Any], name: str, lines: list[str]) -> QuerySet[Any]:
        """Cards about any of these lines."""
        if not lines:
            return rows
        return rows.filter(Exists(CardLine.objects.filter(card=OuterRef("pk"), line__in=[int(pk) for pk in lines])))

    def is_stale(self, rows: Any, name: str, wanted: bool) -> Any:
        """Published cards whose day has passed, or all others."""
        passed = Q(state=CardState.PUBLISHED, checked_until__lt=clock.today())
        return rows.filter(passed) if wanted else rows.exclude(passed)
