"""Opportunities, open and closed, with their product lines."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loudou.exchange.choices import ObjectKind
from loudou.exchange.targets.kinds.base import CUSTOMER, EXTERNAL_ID, NOTES, OWNER, Kind
from loudou.exchange.targets.target import Reference, Target, ValueType
from loudou.pipeline.choices import Likelihood, Priority, PurchaseKind, ReachKind, State, Visibility

V, R = ValueType, Reference

OPPORTUNITIES = Kind(
    ObjectKind.OPPORTUNITIES,
    (
        Target("subject", _("Subject"), sample="Two presses for the new hall", length=255),
        *CUSTOMER,
        Target("contacts", _("Contacts (name, mail or id)"), V.REFERENCES, reference=R.CONTACT),
        Target("process", _("Sales process"), V.REFERENCE, reference=R.PROCESS),
        Target("stage", _("Stage or outcome"), V.REFERENCE, "Proposal submitted", reference=R.STAGE),
        Target("state", _("State"), V.CHOICE, choices=State),
        Target("amount", _("Amount"), V.MONEY, "680000"),
        Target("currency", _("Currency"), V.CURRENCY, "CNY"),
        Target("product", _("Product"), V.REFERENCE, reference=R.PRODUCT),
        Target("quantity", _("Quantity"), V.NUMBER),
        Target("unit_price", _("Price"), V.MONEY),
        Target("discount_rate", _("Discount"), V.SHARE),
        Target("line_amount", _("Amount of the product line"), V.MONEY),
        Target("opened_on", _("Opened"), V.DATE, "2026-01-15"),
        Target("expected_on", _("Expected signing date"), V.DATE, "2026-06-30"),
        Target("closed_on", _("Closing date (expected while open)"), V.DATE),
        Target("probability", _("Rep's probability"), V.SHARE, "40%"),
        OWNER,
        Target("members", _("Team members"), V.REFERENCES, reference=R.USER),
        Target("source", _("Source"), sample="Trade fair", length=120),
        Target("priority", _("Priority"), V.CHOICE, choices=Priority),
        Target("likelihood", _("Likelihood"), V.CHOICE, choices=Likelihood),
        Target("visibility", _("Need"), V.CHOICE, choices=Visibility),
        Target("budget_confirmed_on", _("Purchasing power confirmed"), V.DATE),
        Target("reach_kind", _("Reach"), V.CHOICE, choices=ReachKind),
        Target("purchase_kind", _("Kind of purchase"), V.CHOICE, choices=PurchaseKind),
        Target("competitors", _("Competitors"), V.REFERENCES, reference=R.COMPETITOR),
        Target("next_step", _("Next step"), length=255),
        Target("next_step_on", _("Next step due"), V.DATE),
        Target("loss_reason", _("Loss reason"), V.REFERENCE, reference=R.LOSS_REASON),
        Target("lost_to", _("Lost to"), V.REFERENCE, reference=R.COMPETITOR),
        Target("close_note", _("Note on the outcome"), length=500),
        Target("contract_reference", _("Contract number"), length=100),
        NOTES,
        EXTERNAL_ID,
    ),
    {
        "external_id": _("Id in another system"),
        "subject_of_customer": _("Subject and customer"),
        "contract_reference": _("Contract number"),
    },
    creates_with="pipeline.add",
    changes_with="pipeline.change",
    line_targets=frozenset({"product", "quantity", "unit_price", "discount_rate", "line_amount"}),
)
