"""Whose row it is: the customer that it names, or the customer of the contract that it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from loudou.contracts.models import Contract
from loudou.core.actors import Actor
from loudou.exchange.services.parsing import Parsed


def take_customer(parsed: Parsed) -> None:
    """Let the customer be named by its name, its id in another system, or the domain of its website."""
    for other in ("customer_key", "customer_domain"):
        if other in parsed.values:
            parsed.values.setdefault("customer", parsed.values[other])


def contracts_named(actor: Actor, batch: Iterable[Parsed]) -> Mapping[int, Contract]:
    """The contracts that rows name, by id; one statement."""
    ids = {part.values["contract"] for head in batch for part in head.parts if "contract" in part.values}
    rows = Contract.objects.visible_to(actor).select_related("customer")
    return rows.in_bulk(list(ids)) if ids else {}


def agree_on_customer(head: Parsed, contracts: Mapping[int, Contract]) -> None:
    """Without a customer the contract's; another customer than the contract's is a problem of the row."""
    take_customer(head)
    for part in head.parts:
        contract = contracts.get(part.values.get("contract", 0))
        if contract is None:
            continue
        present = head.values.setdefault("customer", contract.customer_id)
        if present != contract.customer_id:
            part.problems.append(
                _("The contract %(contract)s is one of %(customer)s.")
                % {"contract": contract, "customer": contract.customer}
            )


def agree_on_currency(head: Parsed, contract: Contract | None, named: str, default: str) -> str:
    """The currency of an amount: as the row says, else the contract's, else the import's.

    What must be in the contract's currency and is not is a problem of the row.
    """
    said: Any = head.values.get("currency") or named
    if contract is None:
        return str(said or default)
    if said and said != contract.currency:
        head.problems.append(
            _("The contract %(contract)s is in %(currency)s, not in %(said)s.")
            % {"contract": contract, "currency": contract.currency, "said": said}
        )
    return contract.currency
