"""Checking whom and what a contract refers to: absent and foreign records answer alike, each at its own field."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loudou.contracts.errors import ContractOwnerRefused
from loudou.contracts.models import Contract
from loudou.core.actors import Actor
from loudou.core.refusals import InvalidInput, PermissionRefused
from loudou.customers.models import Contact, Customer
from loudou.customers.services.sharing import let_see
from loudou.people.permissions import granted
from loudou.people.services.holding import hold_users
from loudou.pipeline.models import Opportunity
from loudou.pipeline.services.references import missing

OTHER_CUSTOMER = _("The opportunity is about another customer.")


def check_customer(actor: Actor, customer_id: int) -> Customer:
    """Return a customer that the actor may see. Raises InvalidInput at `customer`."""
    found = Customer.objects.visible_to(actor).filter(pk=customer_id).first()
    if found is None:
        raise missing("customer")
    return found


def check_contact(actor: Actor, contact_id: int | None, *, field: str = "contact") -> None:
    """Refuse a contact that the actor may not see. Raises InvalidInput at `field`."""
    if contact_id is not None and not Contact.objects.visible_to(actor).present().filter(pk=contact_id).exists():
        raise missing(field)


def check_opportunity(actor: Actor, opportunity_id: int | None, *, customer_id: int) -> None:
    """Refuse a sale that the actor may not see, or that is about another customer. Raises InvalidInput."""
    if opportunity_id is None:
        return
    sale = Opportunity.objects.visible_to(actor).filter(pk=opportunity_id).first()
    if sale is None:
        raise missing("opportunity")
    if sale.customer_id != customer_id:
        raise missing("opportunity", OTHER_CUSTOMER)


def check_owner(actor: Actor, owner_id: int | None, *, present: int | None = None) -> None:
    """Refuse an owner who could not see the contract, and giving it away without contracts.assign.

    Raises InvalidInput at `owner`, ContractOwnerRefused, PermissionRefused.
    """
    if owner_id is None:
        raise InvalidInput({"owner": [_("A contract needs an owner.")]})
    if owner_id not in (present, actor.pk) and not actor.has_permission("contracts.assign"):
        raise PermissionRefused
    refuse_unless_owner(owner_id)


def refuse_unless_owner(owner_id: int) -> None:
    """Refuse an owner who could not see the contract. Raises InvalidInput at `owner`, ContractOwnerRefused."""
    found = hold_users([owner_id]).get(owner_id)
    if found is None:
        raise missing("owner")
    if not found.is_active or "contracts.view" not in granted(found.roles):
        raise ContractOwnerRefused(name=str(found))


def let_owner_see(contract: Contract, customer: Customer) -> None:
    """Make the owner of a contract a member of its customer, unless they own it."""
    if customer.owner_id != contract.owner_id:
        let_see([(customer.pk, contract.owner_id)])
