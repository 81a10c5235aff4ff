"""The company's rules about its customers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection
from django.utils.functional import lazy
from django.utils.translation import get_language

from loudou.core import kept
from loudou.core.actors import Actor
from loudou.core.statements import ids_of
from loudou.customers import phase_sql
from loudou.customers.choices import Phase
from loudou.customers.models import Customer, CustomerRules

SHOWN_OF_A_MOVE = 5


def rules() -> CustomerRules:
    """Return the rules, kept between requests; until somebody sets them, the defaults (unsaved)."""
    known = kept.rows_of(CustomerRules)
    return known[0] if known else CustomerRules(pk=1)


def phase_labels(company_rules: CustomerRules | None = None) -> dict[int, str]:
    """The names of the phases in the active language: the company's own, else ours (one statement without rules)."""
    own = (company_rules or rules()).phase_names
    language = "zh-hans" if (get_language() or "").startswith("zh") else "en"
    return {phase.value: own.get(phase.code, {}).get(language) or str(phase.label) for phase in Phase}


def _phase_name(phase: Phase) -> str:
    return phase_labels()[phase]


phase_name = lazy(_phase_name, str)
"""The name of a phase, asked for when it is written: for columns and choices that are declared once."""


@dataclass(frozen=True, slots=True)
class PhaseMove:
    """Customers that would go from one phase into another: how many, and the first few of them."""

    from_phase: Phase
    to_phase: Phase
    count: int
    first: tuple[Customer, ...]


_MOVES = """
    SELECT customer.phase, derived.phase, count(*), (array_agg(customer.id ORDER BY customer.id))[1:%(shown)s]
    FROM customers_customer customer JOIN ({derived}) derived ON derived.customer_id = customer.id
    WHERE derived.phase <> customer.phase GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2
"""


def moves_under(actor: Actor, proposed: CustomerRules, *, today: dt.date) -> list[PhaseMove]:
    """Which visible customers would change phase today if these were the rules, most first; two statements."""
    chosen, facts = ids_of(Customer.objects.visible_to(actor), prefix="chosen")
    derived = phase_sql.derived(phase_sql.STANDING, among=f"customer.id IN ({chosen})")
    given = facts | phase_sql.parameters(proposed, today=today) | {"shown": SHOWN_OF_A_MOVE}
    with connection.cursor() as cursor:
        cursor.execute(_MOVES.format(derived=derived), given)
        rows = cursor.fetchall()
    named: Mapping[int, Customer] = (
        Customer.objects.visible_to(actor)
        .only("name", "short_name")
        .in_bulk([pk for *_rest, first in rows for pk in first])
    )
    return [
        PhaseMove(Phase(before), Phase(after), count, tuple(named[pk] for pk in first if pk in named))
        for before, after, count, first in rows
    ]
