"""Choosing a customer, a colleague or a product line while somebody types."""

from __future__ import annotations

from collections.abc import Iterable

from loudou.core.searchtext import matches
from loudou.customers import selectors
from loudou.customers.models import Customer
from loudou.people.models import User
from loudou.web.frame.lookups import MOST, LookupPage


class CustomerLookup(LookupPage):
    """Customers by any of their names."""

    permission = "customers.view"

    def rows(self, query: str) -> Iterable[Customer]:
        """Best matches first; without words, those changed last."""
        if query.strip():
            return selectors.search_customers(self.request.user, query, limit=MOST)
        return selectors.customer_rows(self.request.user).order_by("-updated_at", "-pk")[:MOST]

    def label(self, row: Customer) -> str:
        """The full name."""
        return row.name

    def hint(self, row: Customer) -> str:
        """Where it is and who owns it."""
        return " · ".join(filter(None, (row.city, str(row.owner or ""))))


class ColleagueLookup(LookupPage):
    """Colleagues by name or sign-in name."""

    permission = "customers.view"

    def rows(self, query: str) -> Iterable[User]:
        """Active users in order of their names."""
        rows = User.objects.visible_to(self.request.user).filter(is_active=True)
        return rows.filter(matches(query)).order_by("name", "pk")[:MOST]

    def hint(self, row: User) -> str:
        """The job title."""
        return str(row.title)
