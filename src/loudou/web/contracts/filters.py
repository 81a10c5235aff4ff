"""By what contracts are narrowed; the state is the address."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter, DateFilter, MultipleChoiceFilter

from loudou.contracts.choices import ContractKind, ContractState
from loudou.contracts.models import Contract, Instalment
from loudou.contracts.selectors.duties import not_invoiced
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
    to_invoice = BooleanFilter(label=_("To invoice"), method="not_invoiced_yet")
    signed_from = DateFilter(label=_("Signed from"), field_name="signed_on", lookup_expr="gte")
    signed_until = DateFilter(label=_("Signed until"), field_name="signed_on", lookup_expr="lte")

    def with_overdue(self, rows: QuerySet[Any], name: str, value: bool | None) -> QuerySet[Any]:
        """Contracts of which an instalment is overdue, or none is."""
        late = Instalment.objects.overdue(today=clock.today()).values("contract_id")
        return rows.filter(pk__in=late) if value else rows.exclude(pk__in=late)

    def not_invoiced_yet(self, rows: QuerySet[Any], name: str, value: bool | None) -> QuerySet[Any]:
        """Contracts in force of which more is delivered than invoiced, or the others."""
        behind = not_invoiced(Contract.objects.all()).values("pk")
        return rows.filter(pk__in=behind) if value else rows.exclude(pk__in=behind)
