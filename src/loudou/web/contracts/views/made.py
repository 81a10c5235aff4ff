"""Contracts as part of another record's page: those of a customer, those made of a sale."""

from __future__ import annotations

from typing import Any

from loudou.contracts.models import Contract
from loudou.contracts.selectors.contracts import contracts_of_customer, contracts_of_opportunity
from loudou.customers.selectors import get_customer
from loudou.pipeline.choices import State
from loudou.pipeline.selectors import opportunity_detail
from loudou.web.contracts.looks import state_mark
from loudou.web.frame.pages import Page

SHOWN = 10
"""Contracts that the part of a customer's page lists; the rest is in the list of contracts."""


class CustomerContracts(Page):
    """The latest contracts of a customer and the way to its money; follows the customer's page."""

    permission = "contracts.view"
    template = "contracts/_of_customer.html"

    def context(self) -> dict[str, Any]:
        """One contract more than is shown tells whether there are more. Raises NotVisible."""
        user = self.request.user
        customer = get_customer(user, self.kwargs["pk"])
        found = contracts_of_customer(user, customer.pk, most=SHOWN + 1)
        return {"customer": customer, "rows": _marked(found[:SHOWN]), "has_more": len(found) > SHOWN}


class OpportunityContracts(Page):
    """The contracts made of a sale, and of a won one the way to the first; nothing else. Follows the sale's page."""

    permission = "pipeline.view"
    template = "contracts/_of_opportunity.html"

    def context(self) -> dict[str, Any]:
        """Whether a contract may be drafted of the sale depends on its state and on the user. Raises NotVisible."""
        user = self.request.user
        sale = opportunity_detail(user, self.kwargs["pk"])
        found = contracts_of_opportunity(user, sale.pk)
        may_draft = user.has_permission("contracts.draft") and sale.state == State.WON and sale.customer_id is not None
        return {"opportunity": sale, "rows": _marked(found), "may_draft": may_draft and not found}


def _marked(contracts: list[Contract]) -> list[dict[str, Any]]:
    return [{"contract": contract, "mark": state_mark(contract.state)} for contract in contracts]
