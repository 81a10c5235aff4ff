"""The cards that belong beside a sale, a product or a customer: a few on the page, all in a dialog."""

from __future__ import annotations

import functools
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from loudou.catalog.selectors import get_product
from loudou.core import clock
from loudou.customers.selectors import get_customer
from loudou.pipeline.models import Opportunity
from loudou.pipeline.selectors import visible_opportunities
from loudou.playbook import selectors
from loudou.playbook.selectors import CardBeside, Situation
from loudou.web.frame.pages import Page

FEW = 5


class CardsBeside(Page):
    """Cards for a situation: as a page or dialog all of them, with a search; as a part of another page a few."""

    template = "playbook/beside.html"
    few_template = "playbook/_beside.html"
    url_name = ""
    is_part = False
    """Whether this is a part of another page, which loads it after itself."""

    @functools.cached_property
    def subject(self) -> Any:
        """The record beside which the cards are shown."""
        raise NotImplementedError

    def situation(self) -> Situation:
        """What is known of it."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """What the page is about."""
        return str(self.subject)

    def context(self) -> dict[str, Any]:
        """The cards, the most fitting first."""
        query = "" if self.is_part else self.request.GET.get("q", "")
        found = selectors.cards_beside(self.request.user, self.situation(), today=clock.today(), query=query)
        fitting = [each for each in found if not each.is_for_elsewhere]
        return {
            "title": _("Playbook: %(name)s") % {"name": self.name},
            "cards": fitting,
            "few": fitting[:FEW],
            "elsewhere": [each for each in found if each.is_for_elsewhere],
            "count": len(found),
            "query": query,
            "address": reverse(self.url_name, args=[self.kwargs["pk"]]),
            "may_keep": self.request.user.has_permission("playbook.keep"),
            **self.more(found),
        }

    def more(self, found: list[CardBeside]) -> dict[str, Any]:
        """More for the template."""
        return {}

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Show the page, or the part."""
        return self.render(template=self.few_template if self.is_part else self.template)


class OfOpportunity(CardsBeside):
    """Cards for a sale."""

    permission = "pipeline.view"
    section = "pipeline:list"
    url_name = "playbook:of_opportunity"

    @functools.cached_property
    def subject(self) -> Opportunity:
        """The sale."""
        rows = visible_opportunities(self.request.user).select_related("process")
        return rows.get_visible(self.request.user, self.kwargs["pk"])

    def situation(self) -> Situation:
        """Its products, stage, rivals, kind of purchase."""
        return selectors.situation_of_opportunity(self.subject)

    def breadcrumbs(self) -> list[tuple[Any, str]]:
        """The sale."""
        return [(self.subject.subject, reverse("pipeline:opportunity", args=[self.subject.pk]))]


class OfProduct(CardsBeside):
    """Cards for a product."""

    permission = "catalog.view"
    section = "customers:product_list"
    url_name = "playbook:of_product"

    @functools.cached_property
    def subject(self) -> Any:
        """The product."""
        return get_product(self.request.user, self.kwargs["pk"])

    def situation(self) -> Situation:
        """The product and its line."""
        return selectors.situation_of_product(self.subject)

    def more(self, found: list[CardBeside]) -> dict[str, Any]:
        """Where to write one about it."""
        return {"add_query": f"?products={self.kwargs['pk']}"}

    def breadcrumbs(self) -> list[tuple[Any, str]]:
        """The product."""
        return [(self.name, reverse("customers:product", args=[self.kwargs["pk"]]))]


class OfCustomer(CardsBeside):
    """Cards for what a customer buys and is offered."""

    permission = "customers.view"
    section = "customers:customer_list"
    url_name = "playbook:of_customer"

    @functools.cached_property
    def subject(self) -> Any:
        """The customer."""
        return get_customer(self.request.user, self.kwargs["pk"])

    def situation(self) -> Situation:
        """Products and rivals of its sales."""
        return selectors.situation_of_customer(self.request.user, self.subject.pk)

    def breadcrumbs(self) -> list[tuple[Any, str]]:
        """The customer."""
        return [(self.name, reverse("customers:customer", args=[self.kwargs["pk"]]))]
