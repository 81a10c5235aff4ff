"""Questions about what a person was told, and about whom to tell."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import QuerySet

from loudou.people.access import scope_for
from loudou.people.choices import Role, Scope
from loudou.people.models import Notification, User
from loudou.people.permissions import granted

if TYPE_CHECKING:
    from loudou.core.actors import Actor

_LEADS_ABOVE = """
    WITH RECURSIVE above(id) AS (
        SELECT team_id FROM people_membership
        WHERE user_id = %(user)s AND started_on <= %(today)s AND (ended_on IS NULL OR ended_on > %(today)s)
        UNION
        SELECT team.parent_id FROM people_team team JOIN above ON team.id = above.id WHERE team.parent_id IS NOT NULL
    )
    SELECT DISTINCT user_id FROM people_membership
    WHERE is_lead AND team_id IN (SELECT id FROM above)
      AND started_on <= %(today)s AND (ended_on IS NULL OR ended_on > %(today)s)
"""


def notifications(user: Actor) -> QuerySet[Notification]:
    """What the user was told, the latest first."""
    return Notification.objects.visible_to(user).select_related("actor").order_by("-at", "-pk")


def unread_count(user: Actor, *, most: int) -> int:
    """Count what the user has not read, as far as `most`: the cost does not grow with what lies there."""
    return len(Notification.objects.visible_to(user).unread().order_by().values_list("pk")[:most])


def who_may(permission: str, label: str, *, owner_id: int | None, today: dt.date) -> set[int]:
    """Ids of the active users who have a permission and see an owner's row of a model: two statements.

    The other way round than `people.access`: it asks from the row, not from the person. Owners themselves are in it.
    """
    roles = [role.value for role in Role if permission in granted([role.value])]
    able = User.objects.get_queryset().active().filter(roles__overlap=roles)
    leads: set[int] = {owner_id} if owner_id is not None else set()
    if owner_id is not None:
        with connection.cursor() as cursor:
            cursor.execute(_LEADS_ABOVE, {"user": owner_id, "today": today})
            leads |= {row[0] for row in cursor.fetchall()}
    return {
        user.pk
        for user in able
        if (scope := scope_for(user, label)) == Scope.ALL
        or (scope == Scope.TEAM and user.pk in leads)
        or (scope == Scope.OWN and user.pk == owner_id)
    }
