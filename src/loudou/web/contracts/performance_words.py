"""What is done under a contract, in the words of its kind: goods are delivered, services are rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou.contracts.choices import ContractKind, DeliveryKind


@dataclass(frozen=True, slots=True)
class PerformanceWords:
    """Labels and sentences of the pages about deliveries; `posted` and `taken_back` are filled with a number."""

    icon: str
    many: str | Promise
    act: str | Promise
    done: str | Promise
    nothing: str | Promise
    complete: str | Promise
    take_back: str | Promise
    kinds: Mapping[str, str | Promise]
    posting: str | Promise
    on: str | Promise
    posted: str | Promise
    returning: str | Promise
    returned_on: str | Promise
    taken_back: str | Promise


_GOODS = PerformanceWords(
    icon="truck-delivery",
    many=_("Deliveries"),
    act=_("Deliver…"),
    done=_("Delivered"),
    nothing=_("Nothing was delivered yet."),
    complete=_("Fully delivered"),
    take_back=_("Return…"),
    kinds={kind.value: kind.label for kind in DeliveryKind},
    posting=_("Post a delivery"),
    on=_("Delivered on"),
    posted=_("Delivery %(number)s is posted."),
    returning=_("Post a return"),
    returned_on=_("Returned on"),
    taken_back=_("Return %(number)s is posted."),
)
_SERVICES = PerformanceWords(
    icon="list-check",
    many=_("Services rendered"),
    act=_("Record a service…"),
    done=_("Rendered"),
    nothing=_("No service was rendered yet."),
    complete=_("Fully rendered"),
    take_back=_("Take back…"),
    kinds={DeliveryKind.DELIVERY.value: _("Service rendered"), DeliveryKind.RETURN.value: _("Service taken back")},
    posting=_("Record a service"),
    on=_("Rendered on"),
    posted=_("The service is recorded as %(number)s."),
    returning=_("Take back a service"),
    returned_on=_("Taken back on"),
    taken_back=_("The service is taken back by %(number)s."),
)


def words_of(kind: str) -> PerformanceWords:
    """The words for a kind of contract. A project delivers goods, with work around them."""
    return _SERVICES if kind == ContractKind.SERVICES else _GOODS
