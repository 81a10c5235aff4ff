"""Known names that look like a name of the file: offered to the person, never taken without their word."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from loudou.core.actors import Actor
from loudou.customers.models import Customer
from loudou.exchange.services.directory import Directory
from loudou.exchange.targets import Reference
from loudou.exchange.values.texts import closest, tidy

MOST = 500
"""Names looked for at once among customers, of whom there may be a million."""

_LIKE_A_CUSTOMER = """
    SELECT t.text, c.name FROM unnest(%s::text[]) AS t(text) CROSS JOIN LATERAL (
        SELECT v.name FROM ({visible}) v WHERE lower(t.text) <%% v.search_text
        ORDER BY similarity(v.name, t.text) DESC, v.id LIMIT 3
    ) c
"""


def closest_names(directory: Directory, reference: Reference, names: Iterable[str]) -> dict[str, str]:
    """For each name the known one that resembles it most, where one does; names that resemble none are left out."""
    wanted = list(dict.fromkeys(names))
    if reference == Reference.CUSTOMER:
        return _closest_customers(directory.actor, wanted)
    known = directory.known(reference)
    found = {name: closest(name, known) for name in wanted} if known else {}
    return {name: like for name, like in found.items() if like is not None}


def _closest_customers(actor: Actor, names: list[str]) -> dict[str, str]:
    """By trigrams, which the index of the customers' search finds, then letter by letter."""
    visible, parameters = (
        Customer.objects.visible_to(actor).order_by().values("id", "name", "search_text").query.sql_with_params()
    )
    found: dict[str, list[str]] = {}
    for start in range(0, len(names), MOST):
        part = [tidy(name) for name in names[start : start + MOST]]
        with connection.cursor() as cursor:
            cursor.execute(_LIKE_A_CUSTOMER.format(visible=visible), [part, *parameters])
            for text, name in cursor.fetchall():
                found.setdefault(text, []).append(name)
    likely = {name: closest(name, found.get(tidy(name), ())) for name in names}
    return {name: like for name, like in likely.items() if like is not None}
