"""Every kind of rows that can be imported, in the order in which a whole system is loaded."""

from __future__ import annotations

from collections.abc import Mapping

from loudou.exchange.targets.kinds.base import Kind
from loudou.exchange.targets.kinds.contacts import CONTACTS
from loudou.exchange.targets.kinds.customers import CUSTOMERS
from loudou.exchange.targets.kinds.opportunities import OPPORTUNITIES
from loudou.exchange.targets.kinds.products import PRODUCTS
from loudou.exchange.targets.kinds.stage_history import STAGE_HISTORY
from loudou.exchange.targets.kinds.users import USERS

KINDS: Mapping[str, Kind] = {
    kind.code: kind for kind in (CUSTOMERS, CONTACTS, OPPORTUNITIES, STAGE_HISTORY, PRODUCTS, USERS)
}

__all__ = ["KINDS", "OPPORTUNITIES", "Kind"]
