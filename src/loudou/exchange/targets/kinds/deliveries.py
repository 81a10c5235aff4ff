"""Deliveries against contracts, with their acceptance, and what came back."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from loudou.exchange.choices import Mode, ObjectKind
from loudou.exchange.targets.kinds.base import CONTRACT, Kind
from loudou.exchange.targets.target import Target, ValueType

V = ValueType

DELIVERIES = Kind(
    ObjectKind.DELIVERIES,
    (
        Target("number", _("Delivery number"), sample="FH2025-031", length=60),
        replace(CONTRACT, required=True),
        Target("delivered_on", _("Delivered, or came back"), V.DATE, "2025-04-18", required=True),
        Target("line", _("Line of the contract: number, product or description"), sample="1", length=255),
        Target("quantity", _("Quantity (negative: came back)"), V.NUMBER, "2"),
        Target("accepted_on", _("Accepted"), V.DATE, "2025-04-25"),
        Target("accepted_by", _("Who accepted it"), length=120),
        Target("takes_back", _("Takes back delivery number (return)"), length=60),
        Target("place", _("Place of delivery"), length=255),
        Target("carrier", _("Carrier and consignment number"), length=255),
        Target("note", _("Note, or reason of the return"), length=500),
    ),
    {
        "number": _("Delivery number"),
        "same_delivery": _(
            "The same delivery, where it has no number: contract, day, quantity and all else the row says"
        ),
    },
    creates_with="contracts.deliver",
    changes_with="contracts.deliver",
    line_targets=frozenset({"line", "quantity"}),
    is_posted=True,
    is_known_by_any_key=True,
    modes=(Mode.CREATE,),
)
