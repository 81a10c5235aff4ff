"""Slowing down whoever guesses: one throttle for passwords, second-factor codes and confirmations.

An attempt is written down before the password is looked at and taken back when it was right, under a lock shared by
all web processes. So a hundred guesses sent at once are counted as a hundred.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from dataclasses import dataclass

from django.db import connection, transaction

from loudou.people.errors import TooManyAttempts
from loudou.people.models import SignInAttempt

WINDOW = dt.timedelta(minutes=15)
FROM_ONE_ADDRESS_AT_ONE_ACCOUNT = 5
AT_ONE_ACCOUNT = 20
FROM_ONE_ADDRESS = 60  # an office shares one address
KEPT = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Guess:
    """Who is being guessed at, and from where; whether the account exists makes no difference."""

    account: str
    address: str | None

    @classmethod
    def at(cls, username: str, address: str | None) -> Guess:
        """Make one; the name is kept as a hash, because people type passwords into the wrong box."""
        return cls(hashlib.sha256(username.strip().lower().encode()).hexdigest(), address)


def reserve(guess: Guess, *, at: dt.datetime) -> SignInAttempt:
    """Write the attempt down, in a transaction of its own. Raises TooManyAttempts with the minutes to wait."""
    with transaction.atomic():
        _lock(guess)
        wait = _wait(guess, at=at)
        if wait > dt.timedelta(0):
            raise TooManyAttempts(minutes=math.ceil(wait.total_seconds() / 60))
        return SignInAttempt.objects.create(at=at, account=guess.account, ip_address=guess.address)


def take_back(attempt: SignInAttempt) -> None:
    """Forget one attempt that was right, but did not yet lead in: a second factor is still to come."""
    attempt.delete()


def forget(guess: Guess, *, at: dt.datetime) -> None:
    """Forget this address's attempts at this account after a complete sign-in, and everybody's old ones."""
    SignInAttempt.objects.filter(account=guess.account, ip_address=guess.address).delete()
    SignInAttempt.objects.filter(at__lt=at - KEPT).delete()


def _wait(guess: Guess, *, at: dt.datetime) -> dt.timedelta:
    recent = SignInAttempt.objects.filter(at__gt=at - WINDOW)
    account = recent.filter(account=guess.account)
    limits = [
        (account.filter(ip_address=guess.address), FROM_ONE_ADDRESS_AT_ONE_ACCOUNT),
        (account, AT_ONE_ACCOUNT),
    ]
    if guess.address:
        limits.append((recent.filter(ip_address=guess.address), FROM_ONE_ADDRESS))
    waits = [dt.timedelta(0)]
    for attempts, limit in limits:
        # The limit-th newest attempt has to leave the window before there is room again.
        filling = attempts.order_by("-at").values_list("at", flat=True)[limit - 1 : limit]
        waits += [instant + WINDOW - at for instant in filling]
    return max(waits)


def _lock(guess: Guess) -> None:
    with connection.cursor() as cursor:
        for key in (f"account {guess.account}", f"address {guess.address}"):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [key])
