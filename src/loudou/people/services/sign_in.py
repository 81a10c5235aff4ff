"""Letting people in and out. What is asked for here is asked before there is an actor, so no permission is checked."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth import authenticate
from django.db import transaction

from loudou.core.rates import company
from loudou.core.verbs import lock, service
from loudou.people.choices import EventCode
from loudou.people.errors import CodeRefused, PasswordRefused, SignInRefused
from loudou.people.models import SecondFactor, Session, User
from loudou.people.services import attempts
from loudou.people.services.attempts import Guess
from loudou.people.services.events import record_event
from loudou.people.services.second_factor import verify_code
from loudou.people.services.users import replace_password


def check_password(username: str, password: str, *, address: str | None, at: dt.datetime) -> User:
    """Return the active user with this name and password; a second factor may still be due.

    A name nobody has takes as long as one that exists and gets the same answer.
    Raises SignInRefused, TooManyAttempts.
    """
    name = username.replace("\0", "").strip()
    attempt = attempts.reserve(Guess.at(name, address), at=at)
    found = authenticate(username=name, password=password)
    if not isinstance(found, User):
        _note_failure(User.objects.filter(username__iexact=name).first(), at=at)
        raise SignInRefused
    attempts.take_back(attempt)
    return found


def has_second_factor(user: User) -> bool:
    """Tell whether a code is due after the password."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def check_code(user: User, code: str, *, address: str | None, at: dt.datetime) -> None:
    """Accept a code of the user's app, or a recovery code, once. Raises CodeRefused, TooManyAttempts."""
    attempt = attempts.reserve(Guess.at(user.username, address), at=at)
    if not verify_code(user, code, at=at):
        _note_failure(user, at=at)
        raise CodeRefused
    attempts.take_back(attempt)


def confirm_password(actor: User, password: str, *, address: str | None, at: dt.datetime) -> None:
    """Make sure that the person at the keyboard still is who signed in. Raises PasswordRefused, TooManyAttempts."""
    try:
        check_password(actor.username, password, address=address, at=at)
    except SignInRefused:
        raise PasswordRefused from None


def is_second_factor_due(user: User) -> bool:
    """Tell whether the company or an administrator asks this user for a second factor that is not set up yet."""
    return (user.require_second_factor or company().require_second_factor) and not has_second_factor(user)


@transaction.atomic
def note_sign_in(user: User, *, address: str | None, device: str, at: dt.datetime, provider: str = "") -> None:
    """Write a complete sign-in into the audit; the way is free again, and ended sessions are swept away."""
    attempts.forget(Guess.at(user.username, address), at=at)
    Session.objects.filter(expire_date__lt=at).delete()
    details = {name: value for name, value in (("device", device), ("provider", provider)) if value}
    record_event(user, EventCode.SIGNED_IN, at=at, details=details)


def note_sign_out(user: User, *, at: dt.datetime) -> None:
    """Write a sign-out into the audit."""
    record_event(user, EventCode.SIGNED_OUT, at=at)


@service("people.own")
def change_password(actor: User, *, new: str, at: dt.datetime, keep_session: str | None) -> User:
    """Change the actor's own password and sign them out everywhere else. Raises InvalidInput for a weak password.

    The caller has asked for the present password just before, with `confirm_password`: that one counts attempts in
    a transaction of its own, which must outlive a refusal.
    """
    user = lock(User.objects.get_queryset(), actor.pk)
    replace_password(actor, user, password=new, at=at, keep_session=keep_session)
    return user


def _note_failure(user: User | None, *, at: dt.datetime) -> None:
    """Write a failed attempt into the audit, with the account only when it exists."""
    record_event(user, EventCode.SIGN_IN_FAILED, at=at, object_id=user.pk if user else None)
