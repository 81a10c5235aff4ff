"""Who pays, decides and benefits, per product line."""

from __future__ import annotations

from collections.abc import Sequence

from loudou.core.actors import Actor
from loudou.core.verbs import service
from loudou.customers.models import LineParty
from loudou.customers.services.drafts import PartyDraft


@service("customers.change")
def set_line_parties(
    actor: Actor, customer_id: int, *, line_id: int, parties: Sequence[PartyDraft]
) -> list[LineParty]:
    """Say who fills the roles for one product line; roles not named are emptied.

    Raises NotVisible (customer, line or a party), InvalidInput.
    """
    raise NotImplementedError
