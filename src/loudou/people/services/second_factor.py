"""The second factor: codes of an authenticator app (RFC 6238), and recovery codes for the day the phone is lost."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import transaction

from loudou.core import audit
from loudou.core.actors import Actor
from loudou.core.verbs import lock, service
from loudou.people.errors import CodeRefused, SecondFactorAlreadyOn
from loudou.people.models import RecoveryCode, SecondFactor, Session, User
from loudou.people.services.seal import seal, unseal

DIGITS, SECONDS = 6, 30
DRIFT = 1  # steps a phone's clock may be off
RECOVERY_CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without letters that look like digits


@dataclass(frozen=True, slots=True)
class SetUp:
    """What an app needs: the key to type, and the same as an address to scan."""

    secret: str
    address: str


@service("people.own")
def begin_set_up(actor: User, *, issuer: str, at: dt.datetime) -> SetUp:
    """Make a key for the actor's app, or return the one already begun. Raises SecondFactorAlreadyOn."""
    lock(User.objects.get_queryset(), actor.pk)
    factor = SecondFactor.objects.filter(user_id=actor.pk).first()
    if factor and factor.confirmed_at:
        raise SecondFactorAlreadyOn
    secret = unseal(factor.secret) if factor else None
    if secret is None:
        secret = base64.b32encode(secrets.token_bytes(20)).decode()
        SecondFactor.objects.update_or_create(
            user_id=actor.pk, defaults={"secret": seal(secret), "created_at": at, "last_step": 0}
        )
    return SetUp(secret, _totp(secret).get_provisioning_uri(actor.username, issuer))


@service("people.own")
def confirm_set_up(actor: User, *, code: str, at: dt.datetime) -> list[str]:
    """Switch the second factor on with a first right code and return the recovery codes, shown once.

    Raises CodeRefused, SecondFactorAlreadyOn.
    """
    factor = SecondFactor.objects.select_for_update().filter(user_id=actor.pk).first()
    if factor is None or not _step_accepted(factor, code, at=at):
        raise CodeRefused
    if factor.confirmed_at:
        raise SecondFactorAlreadyOn
    factor.confirmed_at = at
    factor.save(update_fields=["confirmed_at"])
    return _new_codes(actor.pk)


@service("people.own")
def remove_second_factor(actor: User) -> None:
    """Switch the actor's own second factor off; recovery codes go with it."""
    _remove(actor.pk)


@service("people.manage")
def reset_second_factor(actor: Actor, user_id: int) -> User:
    """Switch off the second factor of somebody who lost phone and codes, and end their sessions. Raises NotVisible."""
    user = lock(User.objects.visible_to(actor), user_id)
    _remove(user.pk)
    Session.objects.filter(user=user).delete()
    return user


@service("people.own")
def renew_recovery_codes(actor: User) -> list[str]:
    """Replace the actor's recovery codes and return the new ones, shown once."""
    lock(User.objects.get_queryset(), actor.pk)
    return _new_codes(actor.pk)


@transaction.atomic
def verify_code(user: User, code: str, *, at: dt.datetime) -> bool:
    """Tell whether a code of the app or a recovery code is right, and use it up."""
    audit.bind(user)
    factor = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at__isnull=False).first()
    if factor is None:
        return False
    return _step_accepted(factor, code, at=at) or _recovery_accepted(user, code, at=at)


def _step_accepted(factor: SecondFactor, code: str, *, at: dt.datetime) -> bool:
    """Compare with the codes around now; a step at or before the last one used is spent."""
    typed = "".join(code.split()).encode()
    secret = unseal(factor.secret)
    if secret is None or len(typed) != DIGITS:
        return False
    totp, present = _totp(secret), int(at.timestamp()) // SECONDS
    for step in range(present - DRIFT, present + DRIFT + 1):
        if step > factor.last_step and bytes_eq(totp.generate(step * SECONDS), typed):
            factor.last_step = step
            factor.save(update_fields=["last_step"])
            return True
    return False


def _recovery_accepted(user: User, code: str, *, at: dt.datetime) -> bool:
    return bool(RecoveryCode.objects.filter(user=user, digest=_digest(code), used_at=None).update(used_at=at))


def _new_codes(user_id: int) -> list[str]:
    RecoveryCode.objects.filter(user_id=user_id).delete()
    plain = [
        "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4)) for _ in range(RECOVERY_CODES)
    ]
    RecoveryCode.objects.bulk_create(RecoveryCode(user_id=user_id, digest=_digest(code)) for code in plain)
    return plain


def _digest(code: str) -> str:
    """Hash what was typed, whatever its case and dashes; 79 random bits need no slow hash."""
    return hashlib.sha256("".join(c for c in code.lower() if c.isalnum()).encode()).hexdigest()


def _remove(user_id: int) -> None:
    SecondFactor.objects.filter(user_id=user_id).delete()
    RecoveryCode.objects.filter(user_id=user_id).delete()


def _totp(secret: str) -> TOTP:
    return TOTP(base64.b32decode(secret), DIGITS, SHA1(), SECONDS)  # noqa: S303 - RFC 6238; apps know no other
