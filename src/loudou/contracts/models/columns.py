"""Columns that the ledger's tables share, and who sees their rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q

from loudou.contracts.models.contract import Contract, customers_worked_on
from loudou.core.scoping import Reach, ScopedQuerySet

ZERO = Decimal(0)
M = TypeVar("M", bound=models.Model)


class LedgerQuerySet(ScopedQuerySet[M]):
    """Rows with a customer and perhaps a contract: seen by whoever works on the customer or owns the contract."""

    def within(self, reach: Reach) -> Q:
        """Of customers these people work on, or of contracts they own."""
        customers = customers_worked_on(reach)
        owned = reach.remember(
            "contracts beside the customers worked on",
            lambda: list(
                Contract.objects.filter(owner_id__in=reach.user_ids)
                .exclude(customer_id__in=customers)
                .values_list("pk", flat=True)
            ),
        )
        mine = Q(customer_id__in=customers)
        return mine | Q(contract_id__in=owned) if owned else mine


def money(label: Any, **options: Any) -> models.DecimalField[Any, Any]:
    """Make a column for an amount of money."""
    return models.DecimalField(label, max_digits=19, decimal_places=4, **options)


def balance(label: Any) -> models.DecimalField[Any, Any]:
    """Make a column for a balance that triggers of the database keep."""
    return money(label, default=ZERO, editable=False)


def rate(label: Any, **options: Any) -> models.DecimalField[Any, Any]:
    """Make a column for units of base currency per unit of the row's currency."""
    return models.DecimalField(label, max_digits=20, decimal_places=10, editable=False, **options)
