"""Every kind of rows that can be imported, in the order in which a whole system is loaded."""

from __future__ import annotations

from collections.abc import Mapping

from loudou.exchange.targets.kinds.base import Kind
from loudou.exchange.targets.kinds.contacts import CONTACTS
from loudou.exchange.targets.kinds.contracts import CONTRACTS
from loudou.exchange.targets.kinds.customers import CUSTOMERS
from loudou.exchange.targets.kinds.deliveries import DELIVERIES
from loudou.exchange.targets.kinds.invoices import INVOICES
from loudou.exchange.targets.kinds.opportunities import OPPORTUNITIES
from loudou.exchange.targets.kinds.payment_plans import PAYMENT_PLANS
from loudou.exchange.targets.kinds.products import PRODUCTS
from loudou.exchange.targets.kinds.receipts import RECEIPTS
from loudou.exchange.targets.kinds.stage_history import STAGE_HISTORY
from loudou.exchange.targets.kinds.users import USERS

KINDS: Mapping[str, Kind] = {
    kind.code: kind
    for kind in (
        CUSTOMERS, CONTACTS, OPPORTUNITIES, STAGE_HISTORY, PRODUCTS, USERS, CONTRACTS, PAYMENT_PLANS, DELIVERIES,
        INVOICES, RECEIPTS,
    )
}  # fmt: skip

__all__ = ["KINDS", "OPPORTUNITIES", "STAGE_HISTORY", "Kind"]
