"""Questions about users and how they sign in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.apps import apps
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from loudou.core.actors import Actor
from loudou.people import access
from loudou.people.choices import Role, Scope
from loudou.people.models import ApiToken, ExternalIdentity, Membership, RecoveryCode, SecondFactor, Session, User


def users_visible(actor: Actor, *, today: dt.date) -> QuerySet[User]:
    """Users the actor may see, each with `present_memberships` (their teams today) and `has_second_factor`."""
    present = Membership.objects.on(today).select_related("team")
    confirmed = SecondFactor.objects.filter(user=OuterRef("pk"), confirmed_at__isnull=False)
    return (
        User.objects.visible_to(actor)
        .annotate(has_second_factor=Exists(confirmed))
        .prefetch_related(Prefetch("memberships", present, to_attr="present_memberships"))
    )


def memberships_of(user: User) -> QuerySet[Membership]:
    """The user's teams over time: present ones first, then the latest."""
    return user.memberships.select_related("team").order_by(F("ended_on").desc(nulls_first=True), "team__name")


@dataclass(frozen=True, slots=True)
class Sight:
    """How far a user sees among one kind of record, and which of their roles opens it that far."""

    label: str
    kinds: tuple[str, ...]
    scope: Scope
    roles: tuple[str, ...]
    people: int
    """Number of people whose records they see, for the scope of a team."""


@dataclass(frozen=True, slots=True)
class Side:
    """Kinds of records that are seen equally far: the name of the whole, the names of the kinds, how far by role."""

    label: str
    kinds: tuple[str, ...]
    scopes: dict[Role, Scope]


def sides() -> list[Side]:
    """What can be seen at all, and how far each role sees it; the scopes of a side are those of its every kind."""
    return [
        Side(
            str(name),
            tuple(str(apps.get_model(label)._meta.verbose_name_plural) for label in labels),
            {role: max(access.SCOPES[role].get(label, Scope.NONE) for label in labels) for role in Role},
        )
        for name, labels in access.SIDES
    ]


def sight_of(user: User, *, today: dt.date) -> list[Sight]:
    """Say what a user sees and why: the answer to "why can I not see this customer?"."""
    mine = [Role(role) for role in user.roles]
    led = None
    found = []
    for side in sides():
        scope = max((side.scopes[role] for role in mine), default=Scope.NONE) if user.is_active else Scope.NONE
        roles = tuple(str(role.label) for role in mine if side.scopes[role] == scope)
        if scope == Scope.TEAM and led is None:
            led = len(access.people_under(user, today=today))
        people = (led or 0) if scope == Scope.TEAM else 0
        found.append(Sight(side.label, side.kinds, scope, roles if scope else (), people))
    return found


def demo_sign_ins() -> QuerySet[User]:
    """Users of the demo company who have a password, in the order they were made; the sign-in page offers them."""
    without = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return User.objects.get_queryset().filter(~without, is_active=True).order_by("pk")[:12]


def sessions(user: User, *, at: dt.datetime) -> QuerySet[Session]:
    """Where the user is signed in now, latest first."""
    return Session.objects.filter(user=user, expire_date__gt=at).order_by("-seen_at")


def api_tokens(user: User) -> QuerySet[ApiToken]:
    """Tokens that act for the user, ended ones too, newest first."""
    return ApiToken.objects.filter(user=user)


def identities_of(user: User) -> QuerySet[ExternalIdentity]:
    """Who the user is at identity providers."""
    return ExternalIdentity.objects.filter(user=user).order_by("pk")


def recovery_codes_left(user: User) -> int:
    """Count the recovery codes that still work."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()
