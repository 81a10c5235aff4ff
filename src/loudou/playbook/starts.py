"""When somebody started here, and which teams they are in: for whom a reading list is, and from when its days count."""

from __future__ import annotations

import datetime as dt

from django.db.models import DateField, OuterRef, Subquery
from django.db.models.functions import Coalesce, TruncDate

from loudou.core import clock
from loudou.people.models import Membership, Team, User
from loudou.people.models.user import UserQuerySet


def with_start(users: UserQuerySet) -> UserQuerySet:
    """Annotate `start`: the first day in any team, else the day the account was made."""
    first = Membership.objects.filter(user=OuterRef("pk")).order_by("started_on").values("started_on")[:1]
    return users.annotate(start=Coalesce(Subquery(first), TruncDate("created_at"), output_field=DateField()))


def start_of(user: User) -> dt.date:
    """First day of one person in any team, else the day the account was made. One statement."""
    found: dt.date = with_start(User.objects.get_queryset()).get(pk=user.pk).start  # type: ignore[attr-defined]
    return found


def teams_above(user: User) -> set[int]:
    """Teams the person is in today, and those they are part of. Two statements: a company has dozens of teams."""
    found = set(Membership.objects.on(clock.today()).filter(user=user).values_list("team_id", flat=True))
    parents = dict(Team.objects.values_list("pk", "parent_id")) if found else {}
    rising = set(found)
    while rising := {above for pk in rising if (above := parents[pk]) is not None} - found:
        found |= rising
    return found
