"""Checking what a draft or change refers to: absent and foreign records answer alike, each at its own field."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou.catalog.models import Product
from loudou.core.actors import Actor
from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused
from loudou.customers.models import Contact, Customer
from loudou.people.models import User
from loudou.people.permissions import granted
from loudou.people.services.holding import hold_users
from loudou.pipeline.errors import CannotSell, ListedTwice, SplitTooLarge
from loudou.pipeline.models import Competitor, LossReason
from loudou.pipeline.services.drafts import MemberDraft

ALL_OF_IT = Decimal(100)
AN_ENTRY = _("An entry")
OWNER_NEEDED = _("An opportunity needs an owner.")
BASE_NEEDS_NO_RATE = _("The base currency is always worth one of itself and needs no rate.")


def missing(field: str, sentence: str | Promise = NotVisible.message) -> InvalidInput:
    """Refuse a reference at its field."""
    return InvalidInput({field: [sentence]})


def broken(field: str, model: type[models.Model], constraint: str) -> InvalidInput:
    """Refuse at a field in the words of the database's own constraint."""
    [rule] = [each for each in model._meta.constraints if each.name == constraint]
    return InvalidInput({field: [rule.violation_error_message or ""]})


def known_ids(queryset: models.QuerySet[models.Model], ids: Collection[int]) -> set[int]:
    """Return which of the ids exist in the queryset. One statement, none without ids."""
    return set(queryset.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()


def visible_customers(actor: Actor, ids: Collection[int]) -> dict[int, Customer]:
    """Return those customers that the actor may see, with names and owners. One statement, none without ids."""
    if not ids:
        return {}
    rows = Customer.objects.visible_to(actor).only("pk", "name", "short_name", "owner_id")
    return rows.in_bulk(list(ids))


def visible_contacts(actor: Actor, ids: Collection[int]) -> set[int]:
    """Return the ids of those contacts that the actor may see. One statement, none without ids."""
    return known_ids(Contact.objects.visible_to(actor).present(), ids) if ids else set()


def check_customer(actor: Actor, customer_id: int | None) -> None:
    """Refuse a customer that the actor may not see. Raises InvalidInput at `customer`."""
    if customer_id is not None and customer_id not in visible_customers(actor, [customer_id]):
        raise missing("customer")


def check_contacts(actor: Actor, contact_ids: Collection[int]) -> None:
    """Refuse contacts that the actor may not see, and the same contact twice."""
    refuse_twice(contact_ids)
    if set(contact_ids) - visible_contacts(actor, contact_ids):
        raise missing("contacts")


def check_competitors(competitor_ids: Collection[int], *, field: str = "competitors") -> None:
    """Refuse unknown competitors."""
    refuse_twice(competitor_ids)
    if set(competitor_ids) - known_ids(Competitor.objects.all(), competitor_ids):
        raise missing(field)


def check_loss_reason(loss_reason_id: int | None) -> None:
    """Refuse an unknown loss reason."""
    if loss_reason_id is not None and not known_ids(LossReason.objects.all(), [loss_reason_id]):
        raise missing("loss_reason")


def check_products(product_ids: Collection[int]) -> None:
    """Refuse unknown products. One that is no longer on sale may stay in a sale, and in history."""
    if set(product_ids) - known_ids(Product.objects.all(), product_ids):
        raise missing("lines")


def users(user_ids: Iterable[int], *, actor: Actor) -> dict[int, User]:
    """Return users by id, who cannot be handed over before the transaction ends. The actor is not read again.

    One statement, none when there is only the actor.
    """
    wanted = set(user_ids)
    found = {actor.pk: actor} if isinstance(actor, User) and actor.pk in wanted else {}
    others = wanted - set(found)
    return found | hold_users(others)


def sellers(user_ids: Iterable[int], *, actor: Actor, field: str = "owner") -> dict[int, User]:
    """Return users who can work on opportunities. Raises InvalidInput at `field`, CannotSell. At most one statement."""
    wanted = set(user_ids)
    found = users(wanted, actor=actor)
    for pk in sorted(wanted):
        if pk not in found:
            raise missing(field)
        refuse_unless_seller(found[pk])
    return found


def refuse_unless_seller(user: User) -> None:
    """Refuse somebody who could not open the opportunity. Raises CannotSell."""
    if not user.is_active or "pipeline.view" not in granted(user.roles):
        raise CannotSell(name=str(user))


def check_owner_choice(actor: Actor, owner_id: int | None, *, present: int | None) -> None:
    """Refuse handing a sale to somebody else without the permission to assign. Raises PermissionRefused."""
    if owner_id not in (present, actor.pk) and not actor.has_permission("pipeline.assign"):
        raise PermissionRefused


def check_members(members: Collection[MemberDraft]) -> None:
    """Refuse a colleague listed twice and shares of more than the whole. Raises ListedTwice, SplitTooLarge."""
    refuse_twice([member.user_id for member in members], name=_("A colleague"))
    if any(not Decimal(0) <= m.split <= ALL_OF_IT or m.split != round(m.split, 2) for m in members):
        raise missing("members", _("A share is between 0 and 100 per cent, with at most two decimals."))
    together = sum((member.split for member in members), Decimal(0))
    if together > ALL_OF_IT:
        raise SplitTooLarge(total=f"{together.normalize():f}")


def refuse_twice(ids: Collection[int], *, name: str | Promise = AN_ENTRY) -> None:
    """Refuse the same id twice in one list. Raises ListedTwice."""
    if len(set(ids)) != len(ids):
        raise ListedTwice(name=name)
