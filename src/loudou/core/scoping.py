"""The one door to rows: `Model.objects.visible_to(user)`.

A module's queryset derives from `ScopedQuerySet` and says in `within()` which rows lie in a reach of people.
How far a person reaches is decided in one table, in `loudou.people.access`; this module only carries the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.db.models import Q

from loudou.core.refusals import NotVisible

if TYPE_CHECKING:
    from loudou.core.actors import Actor

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Reach:
    """How far an actor sees: everything, or the rows of these people (empty means no row)."""

    everything: bool = False
    user_ids: tuple[int, ...] = ()
    _memory: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_one_person(self) -> bool:
        """Whether these are one person's rows: some thousand at most, however large the company."""
        return not self.everything and len(self.user_ids) == 1

    def remember(self, key: Hashable, compute: Callable[[], Any]) -> Any:
        """Compute something once per request, such as the ids of opportunities these people are members of."""
        if key not in self._memory:
            self._memory[key] = compute()
        return self._memory[key]


EVERYTHING = Reach(everything=True)
NOTHING = Reach()


class ScopedQuerySet(models.QuerySet[M]):
    """A queryset that knows who may see its rows."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the rows the actor may see; without an account or a role that reaches here, none."""
        reach_of = getattr(actor, "reach", None)
        if reach_of is None:  # AnonymousUser has no reach
            return self.none()
        reach: Reach = reach_of(self.model._meta.label_lower)
        if reach.everything:
            return self.all()
        if not reach.user_ids:
            return self.none()
        return self.filter(self.within(reach))

    def within(self, reach: Reach) -> Q:
        """Say which rows belong to the people in `reach`; every scoped model decides this for itself."""
        raise NotImplementedError(f"{type(self).__name__} must say which rows lie within a reach")

    def get_visible(self, actor: Actor, pk: Any) -> M:
        """Return one row, or raise NotVisible: absent and foreign answer alike."""
        try:
            return self.visible_to(actor).get(pk=pk)
        except (ObjectDoesNotExist, ValueError, OverflowError):
            raise NotVisible from None
