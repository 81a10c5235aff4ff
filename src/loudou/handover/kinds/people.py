"""Views of lists that everybody works with: somebody has to be able to mend them."""

from __future__ import annotations

from loudou.core.actors import Actor
from loudou.handover.choices import Kind
from loudou.handover.things import Batch, Belonging, Thing
from loudou.people.models import SavedView, User
from loudou.people.services.saved_views import hand_views_over


def _views(actor: Actor, user_id: int) -> list[Thing]:
    rows = SavedView.objects.filter(owner_id=user_id, is_shared=True).order_by("name", "pk")
    return [Thing(Kind.SAVED_VIEW, pk, name) for pk, name in rows.values_list("pk", "name")]


def _lock(user_id: int) -> set[int]:
    rows = SavedView.objects.filter(owner_id=user_id, is_shared=True).select_for_update(no_key=True).order_by("pk")
    return set(rows.values_list("pk", flat=True))


def _move(actor: Actor, batch: Batch) -> None:
    hand_views_over(batch.ids, to=User.objects.get(pk=batch.successor_id))


SAVED_VIEWS = Belonging(
    kind=Kind.SAVED_VIEW,
    fields=("people.SavedView.owner",),
    needs="home.view",
    find=_views,
    lock=_lock,
    move=_move,
    only_when_leaving=True,
)
