"""A customer and the first person one knows there, in one act."""

from __future__ import annotations

import dataclasses
import datetime as dt

from loudou.core.actors import Actor
from loudou.core.refusals import InvalidInput
from loudou.core.verbs import service
from loudou.customers.models import Customer
from loudou.customers.services.contacts import create_contact
from loudou.customers.services.customers import create_customer
from loudou.customers.services.drafts import ContactDraft, CustomerDraft, PostDraft


@service("customers.add")
def introduce_customer(
    actor: Actor, draft: CustomerDraft, *, contact: ContactDraft | None = None, contact_title: str = "", at: dt.datetime
) -> Customer:
    """Create a customer and, if given, a contact with a post there; both or none.

    The contact gets the customer's owner. Raises what `create_customer` and `create_contact` raise; fields of the
    contact that break a rule are named `contact_...`.
    """
    customer = create_customer(actor, draft, at=at)
    if contact is not None:
        post = PostDraft(customer_id=customer.pk, title=contact_title)
        try:
            create_contact(actor, dataclasses.replace(contact, post=post, owner_id=customer.owner_id))
        except InvalidInput as refusal:
            raise InvalidInput({f"contact_{name}": said for name, said in refusal.errors.items()}) from refusal
    return customer
