"""How documents are numbered."""

from __future__ import annotations

from django.db.models import QuerySet

from loudou.contracts.models import NumberSeries
from loudou.core.refusals import NotVisible


def number_series() -> QuerySet[NumberSeries]:
    """All series, one for each kind of document."""
    return NumberSeries.objects.order_by("kind")


def get_series(series_id: int) -> NumberSeries:
    """One series. Raises NotVisible."""
    found = number_series().filter(pk=series_id).first()
    if found is None:
        raise NotVisible
    return found
