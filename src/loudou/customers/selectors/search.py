"""Finding customers and contacts by what somebody typed."""

from __future__ import annotations

from loudou.core.actors import Actor
from loudou.core.searchtext import matches
from loudou.customers.models import Contact, Customer


def search_customers(actor: Actor, query: str, *, limit: int) -> list[Customer]:
    """Visible customers that hold every word of the query, the best match first (one indexed statement)."""
    return list(Customer.objects.visible_to(actor).filter(matches(query)).select_related("owner")[:limit])


def search_contacts(actor: Actor, query: str, *, limit: int) -> list[Contact]:
    """Visible contacts that hold every word of the query, the best match first (one indexed statement)."""
    return list(Contact.objects.visible_to(actor).filter(matches(query)).select_related("owner")[:limit])
