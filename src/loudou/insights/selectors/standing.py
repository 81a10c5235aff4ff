"""Where customers stand now, and what they are worth, as the reader sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from loudou.contracts.models import Contract
from loudou.core.actors import Actor
from loudou.core.statements import ids_of
from loudou.customers.choices import Phase
from loudou.customers.models.customer import CustomerQuerySet
from loudou.insights.phase_funnel_sql import STANDING
from loudou.pipeline.models import Opportunity

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Standing:
    """Customers in one phase, their open opportunities and their signed contracts, in base currency."""

    count: int = 0
    open_amount: Decimal = ZERO
    contract_amount: Decimal = ZERO


NOBODY = Standing()


def standing(actor: Actor, customers: CustomerQuerySet) -> Mapping[Phase, Standing]:
    """Return visible customers by their present phase; phases without any are left out. One statement."""
    chosen, facts = ids_of(customers.visible_to(actor), prefix="chosen")
    pending, more = ids_of(Opportunity.objects.visible_to(actor).open(), prefix="open")
    agreed, others = ids_of(Contract.objects.visible_to(actor).binding(), prefix="signed")
    with connection.cursor() as cursor:
        cursor.execute(STANDING.format(chosen=chosen, open=pending, signed=agreed), facts | more | others)
        return {Phase(phase): Standing(*figures) for phase, *figures in cursor.fetchall()}


def whole(found: Mapping[Phase, Standing]) -> Standing:
    """All phases together."""
    return Standing(
        sum(each.count for each in found.values()),
        sum((each.open_amount for each in found.values()), ZERO),
        sum((each.contract_amount for each in found.values()), ZERO),
    )
