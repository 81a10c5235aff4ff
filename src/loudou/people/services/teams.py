"""Teams and who belongs to them from when until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TypedDict, Unpack

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from loudou.core.actors import Actor
from loudou.core.bulk import Outcome, insert_rows
from loudou.core.refusals import InvalidInput
from loudou.core.verbs import check_version, lock, service, validate
from loudou.people import selectors
from loudou.people.errors import TeamCycle
from loudou.people.models import Membership, Team, User
from loudou.people.services.users import UserFacts, create_user


class TeamFacts(TypedDict, total=False):
    """What is known about a team; `name` is needed to create one."""

    name: str
    parent_id: int | None
    region: str
    is_active: bool


class MembershipFacts(TypedDict, total=False):
    """A person in a team; `team_id`, `user_id` and `started_on` are needed."""

    team_id: int
    user_id: int
    started_on: dt.date
    ended_on: dt.date | None
    is_lead: bool


@service("people.manage")
def create_team(actor: Actor, **facts: Unpack[TeamFacts]) -> Team:
    """Make a team. Raises InvalidInput, NotVisible for an unknown parent."""
    _lock_tree()
    team = Team(**facts)
    validate(team)
    team.save()
    return team


@service("people.manage")
def create_teams(actor: Actor, teams: Sequence[TeamFacts]) -> list[Outcome[Team]]:
    """Make many teams in few statements; each gets its own outcome, in the order given. Import uses it.

    Parents must exist already: make the upper level first.
    """
    _lock_tree()
    return insert_rows([Team(**facts) for facts in teams])


@service("people.manage")
def update_team(actor: Actor, team_id: int, *, version: int | None = None, **changes: Unpack[TeamFacts]) -> Team:
    """Rename a team, move it in the tree, close or open it. Raises NotVisible, StaleWrite, TeamCycle, InvalidInput."""
    _lock_tree()
    team = lock(Team.objects.visible_to(actor), team_id)
    check_version(team, version)
    parent_id = changes.get("parent_id")
    if parent_id is not None and parent_id in selectors.team_subtree_ids(team.pk):
        raise TeamCycle(team=team.name, parent=Team.objects.get(pk=parent_id).name)
    written = [field for field, value in changes.items() if getattr(team, field) != value]
    for field in written:
        setattr(team, field, changes[field])  # type: ignore[literal-required]
    if written:
        validate(team)
        team.save_changes(*written)
    return team


@service("people.manage")
def add_member(
    actor: Actor,
    team_id: int,
    user_id: int,
    *,
    started_on: dt.date,
    ended_on: dt.date | None = None,
    is_lead: bool = False,
) -> Membership:
    """Put a person into a team from a day on; their other teams keep them. Raises NotVisible, InvalidInput.

    The same person cannot be in the same team twice at a time.
    """
    team = lock(Team.objects.visible_to(actor), team_id)
    user = User.objects.get_queryset().get_visible(actor, user_id)
    membership = Membership(team=team, user=user, started_on=started_on, ended_on=ended_on, is_lead=is_lead)
    validate(membership)
    _refuse_overlap(membership)
    membership.save()
    return membership


@service("people.manage")
def create_user_in_team(
    actor: Actor, *, team_id: int | None, started_on: dt.date, is_lead: bool = False, **facts: Unpack[UserFacts]
) -> User:
    """Make a user and put them into a team from a day on, both or neither. Raises what the two verbs raise."""
    user = create_user(actor, **facts)
    if team_id is not None:
        add_member(actor, team_id, user.pk, started_on=started_on, is_lead=is_lead)
    return user


@service("people.manage")
def add_members(actor: Actor, memberships: Sequence[MembershipFacts]) -> list[Outcome[Membership]]:
    """Put many people into teams in few statements; each gets its own outcome, in the order given. Import uses it."""
    return insert_rows([Membership(**facts) for facts in memberships])


@service("people.manage")
def end_membership(actor: Actor, membership_id: int, *, ended_on: dt.date) -> Membership | None:
    """Let a person leave a team on a day; that day they no longer belong to it.

    A membership that would end before it began never was: it is deleted and None returned. Raises NotVisible.
    """
    membership = lock(Membership.objects.all(), membership_id)
    if ended_on <= membership.started_on:
        membership.delete()
        return None
    membership.ended_on = ended_on
    validate(membership)
    membership.save(update_fields=["ended_on"])
    return membership


def leave_teams(user: User, *, ended_on: dt.date) -> list[Membership]:
    """End every membership of a user that lasts beyond a day; returns those that ended.

    One that would end before it began is deleted. Part of other verbs: it asks for no permission of its own.
    """
    lasting = Membership.objects.filter(user=user).filter(Q(ended_on__isnull=True) | Q(ended_on__gt=ended_on))
    rows = list(lasting.select_for_update(of=("self",)).select_related("team").order_by("pk"))
    Membership.objects.filter(pk__in=[row.pk for row in rows if row.started_on >= ended_on]).delete()
    begun = [row for row in rows if row.started_on < ended_on]
    Membership.objects.filter(pk__in=[row.pk for row in begun]).update(ended_on=ended_on)
    return begun


@service("people.manage")
def set_lead(actor: Actor, membership_id: int, *, is_lead: bool) -> Membership:
    """Make a member lead the team, or no longer lead it. A team may have several leads. Raises NotVisible."""
    membership = lock(Membership.objects.all(), membership_id)
    if membership.is_lead != is_lead:
        membership.is_lead = is_lead
        membership.save(update_fields=["is_lead"])
    return membership


def _refuse_overlap(membership: Membership) -> None:
    others = Membership.objects.filter(user=membership.user, team=membership.team).filter(
        Q(ended_on__isnull=True) | Q(ended_on__gt=membership.started_on)
    )
    if membership.ended_on is not None:
        others = others.filter(started_on__lt=membership.ended_on)
    if others.exists():
        raise InvalidInput({"": [_("This person is already in the team.")]})


def _lock_tree() -> None:
    """Let one person at a time change the shape of the tree: two moves together could close a circle."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('people_team tree'))")
