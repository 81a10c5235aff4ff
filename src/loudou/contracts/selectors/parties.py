"""Who the two sides of a contract are, as its paper names them."""

from __future__ import annotations

from typing import Any

from loudou.contracts.models import Contract, ContractVersion
from loudou.core.rates import company


def parties_of(contract: Contract) -> dict[str, dict[str, Any]]:
    """Both sides with their particulars as they are now; empty is ''. Two statements, fewer when they are loaded."""
    ours, customer = company(), contract.customer
    places = [customer.country, customer.province, customer.city, customer.address]
    return {
        "seller": {
            "name": ours.name,
            "credit_code": ours.credit_code,
            "address": ours.address,
            "phone": ours.phone,
            "representative": ours.representative,
            "bank_name": ours.bank_name,
            "bank_account": ours.bank_account,
        },
        "buyer": {
            "name": customer.name,
            "credit_code": customer.credit_code,
            "registration_number": "" if customer.credit_code else customer.registration_number,
            "address": " ".join(place for place in places if place),
            "phone": customer.phones[0] if customer.phones else "",
            "representative": contract.contact.name if contract.contact else "",
        },
    }


def with_parties(version: ContractVersion) -> ContractVersion:
    """Let a version that was not offered yet name the parties as they are now, without storing it."""
    if version.parties is None:
        version.parties = parties_of(version.contract)
    return version
