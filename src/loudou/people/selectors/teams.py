"""Questions about teams."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import F, Prefetch, QuerySet

from loudou.core.actors import Actor
from loudou.core.refusals import NotVisible
from loudou.people.models import Membership, Team

_SUBTREE = """
    WITH RECURSIVE subtree(id) AS (
        SELECT %(team)s::bigint UNION SELECT team.id FROM people_team team JOIN subtree ON team.parent_id = subtree.id
    )
    SELECT id FROM subtree
"""


@dataclass
class TeamNode:
    """A team in the tree, with its present members and what is below it."""

    team: Team
    depth: int
    members: list[Membership]
    children: list[TeamNode] = field(default_factory=list)

    @property
    def headcount(self) -> int:
        """People in the team and below it, each counted once."""
        return len(self._people())

    def _people(self) -> set[int]:
        below = (child._people() for child in self.children)
        return {membership.user_id for membership in self.members}.union(*below)


def teams_visible(actor: Actor) -> QuerySet[Team]:
    """Teams the actor may see, by name."""
    return Team.objects.visible_to(actor)


def team_subtree_ids(team_id: int) -> frozenset[int]:
    """Ids of a team and of every team below it. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_SUBTREE, {"team": team_id})
        return frozenset(row[0] for row in cursor.fetchall())


def team_members(team: Team) -> QuerySet[Membership]:
    """Everybody who is or was in the team: present ones first, leads before others."""
    return team.memberships.select_related("user").order_by(
        F("ended_on").desc(nulls_first=True), "-is_lead", "user__name", "started_on"
    )


def membership(actor: Actor, membership_id: int) -> Membership:
    """One membership of a team the actor may see. Raises NotVisible."""
    found = (
        Membership.objects.filter(pk=membership_id, team__in=teams_visible(actor))
        .select_related("user", "team")
        .first()
    )
    if found is None:
        raise NotVisible
    return found


def team_tree(actor: Actor, *, today: dt.date) -> list[TeamNode]:
    """The top teams the actor may see with all that is below them, and their members of today. Two statements."""
    members = Membership.objects.on(today).select_related("user").order_by("-is_lead", "user__name")
    teams = teams_visible(actor).prefetch_related(Prefetch("memberships", members, to_attr="present"))
    by_parent: dict[int | None, list[Team]] = defaultdict(list)
    for team in teams:
        by_parent[team.parent_id].append(team)
    return _nodes(by_parent, None, 0)


def _nodes(by_parent: dict[int | None, list[Team]], parent_id: int | None, depth: int) -> list[TeamNode]:
    return [
        TeamNode(team, depth, team.present, _nodes(by_parent, team.pk, depth + 1))  # type: ignore[attr-defined]
        for team in by_parent[parent_id]
    ]
