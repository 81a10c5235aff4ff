"""Keeping reading lists: who reads what, in which order, until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from loudou.core.actors import Actor
from loudou.core.refusals import InvalidInput, NotVisible
from loudou.core.verbs import check_version, lock, service, validate
from loudou.people.models import Team
from loudou.playbook.errors import CardAlreadyListed, CardNotPublished
from loudou.playbook.models import Card, ReadingItem, ReadingList, ReadingListTeam


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDraft:
    """A list to be made; without roles and teams it is for everybody."""

    name: str = ""
    name_zh: str = ""
    roles: Sequence[str] = ()
    team_ids: Sequence[int] = ()
    started_since: dt.date | None = None
    due_days: int = 30
    pass_mark: int = 80
    drawn: int = 8


CHANGEABLE = frozenset({*ListDraft.__dataclass_fields__, "is_active"})
"""Fields that `update_list` takes."""


@service("playbook.keep")
def create_list(actor: Actor, *, draft: ListDraft, today: dt.date) -> ReadingList:
    """Make a list that is open from today; it is empty until cards are put on it. Raises InvalidInput, NotVisible."""
    given = asdict(draft)
    team_ids = given.pop("team_ids")
    row = ReadingList(opened_on=today)
    _put(row, given)
    validate(row)
    row.save(force_insert=True)
    _for_teams(row, team_ids)
    return row


@service("playbook.keep")
def update_list(actor: Actor, list_id: int, *, changes: Mapping[str, Any], version: int | None = None) -> ReadingList:
    """Change a list (see CHANGEABLE); begun quizzes keep the mark that was said when they began.

    Raises NotVisible, StaleWrite, InvalidInput.
    """
    if unknown := set(changes) - CHANGEABLE:
        raise InvalidInput({name: [_("This field cannot be changed.")] for name in sorted(unknown)})
    row = lock(ReadingList.objects.visible_to(actor), list_id)
    check_version(row, version)
    changed = _put(row, {name: value for name, value in changes.items() if name != "team_ids"})
    if changed:
        validate(row)
    has_other_teams = "team_ids" in changes and _for_teams(row, changes["team_ids"])
    if changed or has_other_teams:
        row.save_changes(*changed)
    return row


@service("playbook.keep")
def add_to_list(actor: Actor, list_id: int, *, card_id: int) -> ReadingItem:
    """Put a published card at the end of a list. Raises NotVisible, CardNotPublished, CardAlreadyListed."""
    row = lock(ReadingList.objects.visible_to(actor), list_id)
    card = lock(Card.objects.visible_to(actor), card_id)
    if not card.is_published:
        raise CardNotPublished(card=card.name)
    if row.items.filter(card=card).exists():
        raise CardAlreadyListed(card=card.name)
    last = row.items.aggregate(last=Max("position"))["last"] or 0
    return ReadingItem.objects.create(reading_list=row, card=card, position=last + 1)


@service("playbook.keep")
def move_in_list(actor: Actor, item_id: int, *, by: int) -> ReadingItem:
    """Move a card `by` places down its list (up when negative), as far as there are places. Raises NotVisible."""
    item, items = _locked(actor, item_id)
    place = items.index(item)
    items.insert(max(0, min(len(items) - 1, place + by)), items.pop(place))
    for position, each in enumerate(items, start=1):
        each.position = position
    ReadingItem.objects.bulk_update(items, ["position"])
    return item


@service("playbook.keep")
def take_off_list(actor: Actor, item_id: int) -> ReadingItem:
    """Take a card off its list; who read it has read it. Raises NotVisible."""
    item, _items = _locked(actor, item_id)
    ReadingItem.objects.filter(pk=item.pk).delete()
    return item


@service("playbook.keep")
def ask_to_read_again(actor: Actor, item_id: int) -> ReadingItem:
    """Let only readings of the card's present edition count from now on. Raises NotVisible."""
    item, _items = _locked(actor, item_id)
    item.edition = item.card.edition
    item.save(update_fields=["edition"])
    return item


def _locked(actor: Actor, item_id: int) -> tuple[ReadingItem, list[ReadingItem]]:
    """One item and all of its list in order, under the lock of the list. Raises NotVisible."""
    found = ReadingItem.objects.filter(pk=item_id).values_list("reading_list_id", flat=True).first()
    row = lock(ReadingList.objects.visible_to(actor), found)
    items = list(row.items.select_related("card"))
    item = next((each for each in items if each.pk == item_id), None)
    if item is None:
        raise NotVisible
    return item, items


def _put(row: ReadingList, values: Mapping[str, Any]) -> set[str]:
    """Put tidy values on the list and return the names of those that are new."""
    changed = set()
    for name, value in values.items():
        tidy = " ".join(value.split()) if isinstance(value, str) else sorted(value) if name == "roles" else value
        if getattr(row, name) != tidy:
            setattr(row, name, tidy)
            changed.add(name)
    return changed


def _for_teams(row: ReadingList, team_ids: Sequence[int]) -> bool:
    """Make these the list's teams, and tell whether any were others. Raises NotVisible."""
    wanted, present = set(team_ids), set(row.for_teams.values_list("team_id", flat=True))
    new = wanted - present
    if Team.objects.filter(pk__in=new).count() != len(new):
        raise NotVisible
    ReadingListTeam.objects.bulk_create(ReadingListTeam(reading_list=row, team_id=pk) for pk in sorted(new))
    row.for_teams.filter(team_id__in=present - wanted).delete()
    return wanted != present
