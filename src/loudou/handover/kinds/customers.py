"""Customers, contacts, and the work on customers of colleagues."""

from __future__ import annotations

from loudou.core.actors import Actor
from loudou.core.bulk import Outcome
from loudou.core.verbs import lock_all
from loudou.customers.choices import OwnerChangeCause
from loudou.customers.models import Contact, Customer, CustomerMember, Post
from loudou.customers.services.members import replace_member
from loudou.customers.services.owners import assign_contacts, assign_owners
from loudou.handover.choices import Kind
from loudou.handover.things import Batch, Belonging, Thing
from loudou.pipeline.choices import CLOSED_STATES
from loudou.pipeline.models import Opportunity
from loudou.pipeline.services.sharing import let_see_sales


def _customers(actor: Actor, user_id: int) -> list[Thing]:
    rows = Customer.objects.visible_to(actor).filter(owner_id=user_id).order_by("name", "pk")
    return [
        Thing(Kind.CUSTOMER, pk, short or name, customer_id=pk, customer=short or name, province=province,
              industry=industry, phase=phase)
        for pk, name, short, province, industry, phase in rows.values_list(
            "pk", "name", "short_name", "province", "industry", "phase"
        )
    ]  # fmt: skip


def _move_customers(actor: Actor, batch: Batch) -> None:
    """Give the customers away, and let the successor see the closed sales: the credit for them stays where it was."""
    outcomes: list[Outcome[Customer]] = assign_owners(
        actor, batch.ids, owner_id=batch.successor_id, at=batch.at, reason=batch.reason, cause=OwnerChangeCause.HANDOVER
    )
    for outcome in outcomes:
        outcome.unwrap()
    replace_member(actor, batch.ids, user_id=batch.leaver_id, by_id=batch.successor_id)
    closed = Opportunity.objects.filter(customer_id__in=batch.ids, owner_id=batch.leaver_id, state__in=CLOSED_STATES)
    let_see_sales((pk, batch.successor_id) for pk in closed.values_list("pk", flat=True))


def _contacts(actor: Actor, user_id: int) -> list[Thing]:
    rows = Contact.objects.filter(owner_id=user_id, pk__in=Contact.objects.visible_to(actor).order_by().values("pk"))
    posts = Post.objects.filter(contact__owner_id=user_id, ended_on=None).order_by("-pk")
    at = {
        contact: (customer, short or name)
        for contact, customer, name, short in posts.values_list(
            "contact_id", "customer_id", "customer__name", "customer__short_name"
        )
    }
    return [
        Thing(Kind.CONTACT, pk, name, customer_id=at.get(pk, (None, ""))[0], customer=at.get(pk, (None, ""))[1])
        for pk, name in rows.order_by("name", "pk").values_list("pk", "name")
    ]


def _move_contacts(actor: Actor, batch: Batch) -> None:
    assign_contacts(actor, batch.ids, owner_id=batch.successor_id, at=batch.at)


def _memberships(actor: Actor, user_id: int) -> list[Thing]:
    rows = CustomerMember.objects.filter(
        user_id=user_id, customer__in=Customer.objects.visible_to(actor).order_by().values("pk")
    )
    found = rows.exclude(customer__owner_id=user_id).order_by("customer__name", "pk")
    return [
        Thing(Kind.CUSTOMER_MEMBER, customer, short or name, customer_id=customer, customer=short or name)
        for customer, name, short in found.values_list("customer_id", "customer__name", "customer__short_name")
    ]


def _lock_memberships(user_id: int) -> set[int]:
    rows = CustomerMember.objects.filter(user_id=user_id).select_for_update(no_key=True).order_by("customer_id")
    return set(rows.values_list("customer_id", flat=True))


def _move_memberships(actor: Actor, batch: Batch) -> None:
    replace_member(actor, batch.ids, user_id=batch.leaver_id, by_id=batch.successor_id)


def _locked(model: type[Customer] | type[Contact], user_id: int) -> set[int]:
    held = model._default_manager.filter(owner_id=user_id)
    return {row.pk for row in lock_all(held.only("pk"), held.values_list("pk", flat=True))}


CUSTOMERS = Belonging(
    kind=Kind.CUSTOMER,
    fields=("customers.Customer.owner",),
    needs="customers.change",
    find=_customers,
    lock=lambda user_id: _locked(Customer, user_id),
    move=_move_customers,
)
CONTACTS = Belonging(
    kind=Kind.CONTACT,
    fields=("customers.Contact.owner",),
    needs="customers.change",
    find=_contacts,
    lock=lambda user_id: _locked(Contact, user_id),
    move=_move_contacts,
)
CUSTOMER_MEMBERS = Belonging(
    kind=Kind.CUSTOMER_MEMBER,
    fields=("customers.CustomerMember.user",),
    needs="customers.view",
    find=_memberships,
    lock=_lock_memberships,
    move=_move_memberships,
)
