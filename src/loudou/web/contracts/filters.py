"""By what contracts are narrowed; the state is the address."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter, DateFilter, MultipleChoiceFilter

from loudou.contracts.choices import ContractKind, ContractState
from loudou.contracts.models import Instalment
from loudou.core import clock
from loudou.web.customers.filters import OwnedFilter
from loudou.web.frame.choosers import chooser_filter


class ContractFilter(OwnedFilter):
    """Everything by which contracts are narrowed."""

    main = ("state", "kind", "owner", "overdue")

    state = MultipleChoiceFilter(label=_("State"), choices=ContractState.choices)
    kind = MultipleChoiceFilter(label=_("Kind"), choices=ContractKind.choices)
    customer = chooser_filter("customers", label=_("Customer"))
    overdue = BooleanFilter(label=_("With overdue money"), method="with_overdue")
    signed_from = DateFilter(label=_("Signed from"), field_name="signed_on", lookup_expr="gte")
    signed_until = DateFilter(label=_("Signed until"), field_name="signed_on", lookup_expr="lte")

    def with_overdue(self, rows: QuerySet[Any], name: str, value: bool | None) -> QuerySet[Any]:
        """Contracts of which an instalment is overdue, or none is."""
        late = Instalment.objects.overdue(today=clock.today()).values("contract_id")
        return rows.filter(pk__in=late) if value else rows.exclude(pk__in=late)
