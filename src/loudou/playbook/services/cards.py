"""Writing, publishing, checking and withdrawing cards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from loudou.catalog.models import Product, ProductLine
from loudou.core.actors import Actor
from loudou.core.refusals import InvalidInput, NotVisible
from loudou.core.verbs import check_version, lock, service, validate
from loudou.people.models import User
from loudou.pipeline.models import Stage
from loudou.playbook.brevity import LONGEST_SECONDS, LONGEST_TEXT, reading_seconds
from loudou.playbook.choices import CardState
from loudou.playbook.errors import CardAlreadyPublished, CardNotPublished, KeeperNotAvailable
from loudou.playbook.models import Card, CardLine, CardProduct, CardStage

USUAL_DAYS = 180
"""How long a card is taken for right when nobody says otherwise: prices, rivals and rules change twice a year."""
MOST_DAYS = 730


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDraft:
    """A card to be written. Without products and lines it is about every product; `keeper_id` None is the writer."""

    kind: str
    title: str = ""
    title_zh: str = ""
    body: str = ""
    body_zh: str = ""
    competitor_id: int | None = None
    purchase_kind: str = ""
    keeper_id: int | None = None
    product_ids: Sequence[int] = ()
    line_ids: Sequence[int] = ()
    stage_ids: Sequence[int] = ()


_WORDS = ("title", "title_zh", "body", "body_zh")
_LINKS: Mapping[str, tuple[type[models.Model], str, Any]] = {
    "product_ids": (CardProduct, "product_id", Product.objects),
    "line_ids": (CardLine, "line_id", ProductLine.objects),
    "stage_ids": (CardStage, "stage_id", Stage.with_merged),
}
CHANGEABLE = frozenset(CardDraft.__dataclass_fields__)
"""Fields that `update_card` takes."""


@service("playbook.keep")
def create_card(actor: Actor, *, draft: CardDraft) -> Card:
    """Write a card; it is a draft until it is published. Raises InvalidInput, KeeperNotAvailable, NotVisible."""
    given = asdict(draft)
    links = {name: given.pop(name) for name in _LINKS}
    card = Card(author_id=actor.pk)
    _put(card, {**given, "keeper_id": given["keeper_id"] or actor.pk})
    _check(card)
    card.save(force_insert=True)
    for name, ids in links.items():
        _link(card, name, ids)
    return card


@service("playbook.keep")
def update_card(actor: Actor, card_id: int, *, changes: Mapping[str, Any], version: int | None = None) -> Card:
    """Change a card (see CHANGEABLE); when its words change, its edition goes up.

    Raises NotVisible, StaleWrite, InvalidInput, KeeperNotAvailable.
    """
    if unknown := set(changes) - CHANGEABLE:
        raise InvalidInput({name: [_("This field cannot be changed.")] for name in sorted(unknown)})
    card = lock(Card.objects.visible_to(actor), card_id)
    check_version(card, version)
    links = {name: changes[name] for name in _LINKS if name in changes}
    changed = _put(card, {name: value for name, value in changes.items() if name not in _LINKS})
    if changed:
        _check(card)
    are_linked_anew = [_link(card, name, ids) for name, ids in links.items()]
    if changed & set(_WORDS):
        card.edition += 1
        changed.add("edition")
    if changed or any(are_linked_anew):
        card.save_changes(*changed)
    return card


@service("playbook.keep")
def publish_card(
    actor: Actor, card_id: int, *, today: dt.date, checked_until: dt.date | None = None, version: int | None = None
) -> Card:
    """Show a card to everybody, checked by the actor until a day (USUAL_DAYS ahead unless said otherwise).

    Raises NotVisible, StaleWrite, InvalidInput, CardAlreadyPublished.
    """
    card = lock(Card.objects.visible_to(actor), card_id)
    if card.is_published:
        raise CardAlreadyPublished(card=card.name)
    check_version(card, version)
    card.state = CardState.PUBLISHED
    return _checked(actor, card, today=today, checked_until=checked_until)


@service("playbook.keep")
def check_card(
    actor: Actor, card_id: int, *, today: dt.date, checked_until: dt.date | None = None, version: int | None = None
) -> Card:
    """Say that a published card still holds, until a day.

    Raises NotVisible, StaleWrite, InvalidInput, CardNotPublished.
    """
    card = lock(Card.objects.visible_to(actor), card_id)
    if not card.is_published:
        raise CardNotPublished(card=card.name)
    check_version(card, version)
    return _checked(actor, card, today=today, checked_until=checked_until)


@service("playbook.keep")
def withdraw_card(actor: Actor, card_id: int, *, version: int | None = None) -> Card:
    """Show a card to nobody any more; it stays on record and may be published again.

    Raises NotVisible, StaleWrite, CardNotPublished.
    """
    card = lock(Card.objects.visible_to(actor), card_id)
    if not card.is_published:
        raise CardNotPublished(card=card.name)
    check_version(card, version)
    card.state = CardState.WITHDRAWN
    card.save_changes("state")
    return card


def _checked(actor: Actor, card: Card, *, today: dt.date, checked_until: dt.date | None) -> Card:
    until = checked_until or today + dt.timedelta(days=USUAL_DAYS)
    if not 0 < (until - today).days <= MOST_DAYS:
        sentence = _(
            "A card is checked until a day after today and within two years: nobody knows what holds later than that."
        )
        raise InvalidInput({"checked_until": [sentence]})
    card.checked_by_id, card.checked_on, card.checked_until = actor.pk, today, until
    card.save_changes("state", "checked_by", "checked_on", "checked_until")
    return card


def _put(card: Card, values: Mapping[str, Any]) -> set[str]:
    """Put tidy values on the card and return the names of those that are new."""
    changed = set()
    for name, value in values.items():
        tidy = value
        if isinstance(value, str):
            tidy = value.replace("\r\n", "\n").strip() if name.startswith("body") else " ".join(value.split())
        if getattr(card, name) != tidy:
            setattr(card, name, tidy)
            changed.add(name)
    return changed


def _check(card: Card) -> None:
    """Refuse what no card may be. Raises InvalidInput, KeeperNotAvailable."""
    too_long = {name: [sentence] for name in ("body", "body_zh") if (sentence := _too_long(getattr(card, name)))}
    if too_long:
        raise InvalidInput(too_long)
    if card.keeper_id is not None:
        keeper = User.objects.filter(pk=card.keeper_id).first()
        if keeper is None or not keeper.has_permission("playbook.keep"):
            raise KeeperNotAvailable
    validate(card, exclude=("keeper", "author", "checked_by"))


def _too_long(text: str) -> str:
    seconds = reading_seconds(text)
    if len(text) <= LONGEST_TEXT and seconds <= LONGEST_SECONDS:
        return ""
    return _(
        "This takes about %(seconds)s seconds to read. A card is read in a minute, often with the customer on the "
        "telephone: shorten it, or make two cards of it."
    ) % {"seconds": max(seconds, LONGEST_SECONDS + 1)}


def _link(card: Card, name: str, ids: Iterable[int]) -> bool:
    """Make the card's products, lines or stages these, and tell whether any were others. Raises NotVisible."""
    through, column, known = _LINKS[name]
    rows = through._default_manager.filter(card_id=card.pk)
    wanted, present = set(ids), set(rows.values_list(column, flat=True))
    if new := wanted - present:
        if known.filter(pk__in=new).count() != len(new):
            raise NotVisible
        through._default_manager.bulk_create(through(**{"card_id": card.pk, column: pk}) for pk in sorted(new))
    if gone := present - wanted:
        rows.filter(**{f"{column}__in": gone}).delete()
    return bool(new or gone)
