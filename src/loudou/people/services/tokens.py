"""Keys with which programs act for a user."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable

from loudou.core.verbs import lock, service, validate
from loudou.people.errors import ScopesTooWide, TokenLifetime
from loudou.people.models import ApiToken, User

PREFIX = "ldu_"
LONGEST_LIFE = dt.timedelta(days=366)
USE_IS_NOTED_EVERY = dt.timedelta(minutes=5)


def digest_of(secret: str) -> str:
    """Return what is kept of a secret; 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


@service("people.own")
def create_token(
    actor: User, *, name: str, scopes: Iterable[str], expires_at: dt.datetime, at: dt.datetime
) -> tuple[ApiToken, str]:
    """Make a token for the actor and return it with its secret, which is never shown again.

    Raises ScopesTooWide when a scope is not among the actor's own permissions, TokenLifetime when it would already
    be over or last longer than a year, InvalidInput when it has no name.
    """
    wanted = frozenset(scopes)
    if wanted - actor.permissions:
        raise ScopesTooWide(scopes=", ".join(sorted(wanted - actor.permissions)))
    if not at < expires_at <= at + LONGEST_LIFE:
        raise TokenLifetime(days=LONGEST_LIFE.days)
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        user_id=actor.pk,
        name=name.strip(),
        prefix=secret[:12],
        digest=digest_of(secret),
        scopes=sorted(wanted),
        expires_at=expires_at,
    )
    validate(token)
    token.save()
    return token, secret


@service("people.own")
def revoke_token(actor: User, token_id: int, *, at: dt.datetime) -> ApiToken:
    """End one of the actor's own tokens; an administrator may end anybody's. Raises NotVisible."""
    reachable = ApiToken.objects.all()
    if not actor.has_permission("people.manage"):
        reachable = reachable.filter(user_id=actor.pk)
    token = lock(reachable, token_id)
    if token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
    return token


def authenticate_token(raw: str, now: dt.datetime) -> tuple[User, frozenset[str]] | None:
    """Return whom a secret speaks for and what it may do, or None when it is unknown, expired or revoked.

    The user comes back already limited to the token's scopes (`User.limited_to`), so that `has_permission` answers
    for the token, not for the person. One statement, and a second one every five minutes that notes the use.
    """
    if not raw.startswith(PREFIX):
        return None
    token = (
        ApiToken.objects.select_related("user")
        .filter(digest=digest_of(raw), revoked_at=None, expires_at__gt=now, user__is_active=True)
        .first()
    )
    if token is None:
        return None
    if token.last_used_at is None or now - token.last_used_at >= USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    scopes = frozenset(token.scopes)
    return token.user.limited_to(scopes), scopes
