"""Who pays, decides and benefits, per product line."""

from __future__ import annotations

from collections.abc import Sequence

from loudou.catalog.selectors import get_line
from loudou.core.actors import Actor
from loudou.core.refusals import NotVisible
from loudou.core.verbs import lock, service, validate
from loudou.customers.models import Customer, LineParty
from loudou.customers.registration import normalize_name
from loudou.customers.services.drafts import PartyDraft


@service("customers.change")
def set_line_parties(actor: Actor, customer_id: int, *, line_id: int, parties: Sequence[PartyDraft]) -> list[LineParty]:
    """Say who fills the roles for one product line; roles not named are emptied.

    Raises NotVisible (customer, line or a party), InvalidInput.
    """
    customer = lock(Customer.objects.visible_to(actor), customer_id)
    line = get_line(actor, line_id)
    named = {party.party_id for party in parties if party.party_id is not None}
    if named and Customer.objects.visible_to(actor).filter(pk__in=named).count() != len(named):
        raise NotVisible
    present = {row.role: row for row in LineParty.objects.filter(customer=customer, line=line)}
    kept = []
    for party in parties:
        row = present.pop(party.role, None) or LineParty(customer=customer, line=line, role=party.role)
        row.party_id = party.party_id
        row.party_name = "" if party.party_id is not None else normalize_name(party.party_name)
        validate(row)
        row.save()
        kept.append(row)
    LineParty.objects.filter(pk__in=[row.pk for row in present.values()]).delete()
    return kept
