"""Questions about users and how they sign in."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from loudou.core.actors import Actor
from loudou.people.models import ApiToken, Membership, RecoveryCode, SecondFactor, Session, User


def users_visible(actor: Actor, *, today: dt.date) -> QuerySet[User]:
    """Users the actor may see, each with `present_memberships` (their teams today) and `has_second_factor`."""
    present = Membership.objects.on(today).select_related("team")
    confirmed = SecondFactor.objects.filter(user=OuterRef("pk"), confirmed_at__isnull=False)
    return (
        User.objects.visible_to(actor)
        .annotate(has_second_factor=Exists(confirmed))
        .prefetch_related(Prefetch("memberships", present, to_attr="present_memberships"))
    )


def sessions(user: User, *, at: dt.datetime) -> QuerySet[Session]:
    """Where the user is signed in now, latest first."""
    return Session.objects.filter(user=user, expire_date__gt=at).order_by("-seen_at")


def api_tokens(user: User) -> QuerySet[ApiToken]:
    """Tokens that act for the user, ended ones too, newest first."""
    return ApiToken.objects.filter(user=user)


def recovery_codes_left(user: User) -> int:
    """Count the recovery codes that still work."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()
