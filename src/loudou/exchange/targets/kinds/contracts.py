"""Contracts and orders with their lines, signed or not, as they stand."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loudou.contracts.choices import ContractKind
from loudou.exchange.choices import ContractStanding, Mode, ObjectKind
from loudou.exchange.targets.kinds.base import CUSTOMER, EXTERNAL_ID, NOTES, OWNER, Kind
from loudou.exchange.targets.target import Reference, Target, ValueType

V, R = ValueType, Reference

CONTRACTS = Kind(
    ObjectKind.CONTRACTS,
    (
        Target("number", _("Contract number"), sample="HT2025-018", length=60),
        *CUSTOMER,
        Target("title", _("Subject of the contract"), sample="Two presses", length=255),
        Target("contract_kind", _("Kind of contract"), V.CHOICE, "Order for goods", choices=ContractKind),
        Target("standing", _("Status"), V.CHOICE, "Completed", choices=ContractStanding),
        Target("signed_on", _("Signing date"), V.DATE, "2025-03-18"),
        Target("amount", _("Amount with tax"), V.MONEY, "226000"),
        Target("currency", _("Currency"), V.CURRENCY, "CNY"),
        Target("tax_rate", _("Tax rate"), V.SHARE, "13%"),
        Target("product", _("Product"), V.REFERENCE, reference=R.PRODUCT),
        Target("description", _("Product or service"), length=255),
        Target("specification", _("Specification"), length=255),
        Target("quantity", _("Quantity"), V.NUMBER),
        Target("unit", _("Unit"), length=20),
        Target("unit_price", _("Price"), V.MONEY),
        Target("discount_rate", _("Discount"), V.SHARE),
        Target("line_due_on", _("Delivery due"), V.DATE),
        Target("tax_included", _("Prices include tax"), V.TRUTH),
        Target("drafted_on", _("Drafted"), V.DATE),
        Target("ended_on", _("Completed or terminated on"), V.DATE, "2025-12-20"),
        Target("end_note", _("Reason of the end"), length=500),
        Target("effective_on", _("In effect from"), V.DATE),
        Target("expires_on", _("Expires"), V.DATE),
        Target("opportunity", _("Opportunity: id in another system, or subject"), V.REFERENCE, reference=R.OPPORTUNITY),
        OWNER,
        Target("signatory", _("Who signed for the customer"), length=120),
        Target("customer_reference", _("Customer's order number"), length=100),
        NOTES,
        EXTERNAL_ID,
    ),
    {"number": _("Contract number"), "external_id": _("Id in another system")},
    creates_with="contracts.draft",
    changes_with="contracts.draft",
    line_targets=frozenset(
        {
            "product",
            "description",
            "specification",
            "quantity",
            "unit",
            "unit_price",
            "discount_rate",
            "tax_rate",
            "line_due_on",
        }
    ),
    is_known_by_any_key=True,
    modes=(Mode.CREATE, Mode.BOTH, Mode.UPDATE),
)
