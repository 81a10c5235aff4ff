"""Links with which users set their own password: handed over by an administrator, or sent by mail to whoever forgot it.

Nobody but the user ever knows the password. A link works once: it is void as soon as the password, the mail address
or the time of the last sign-in changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator, default_token_generator
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.encoding import force_bytes, force_str
from django.utils.http import base36_to_int, urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _

from loudou.core import audit
from loudou.core.actors import Actor
from loudou.core.rates import company
from loudou.core.verbs import lock, service
from loudou.people.choices import EventCode
from loudou.people.errors import LinkSpent
from loudou.people.models import User
from loudou.people.services import attempts
from loudou.people.services.attempts import Guess
from loudou.people.services.events import record_event
from loudou.people.services.users import replace_password


class MailedLinks(PasswordResetTokenGenerator):
    """Tokens of links that travel by mail: good for hours, where a handed-over one is good for days."""

    key_salt = "loudou.people.mailed_links"

    def check_token(self, user: User | None, token: str | None) -> bool:
        """Tell whether a token is right, unused and young enough."""
        if not token or not super().check_token(user, token):
            return False
        age = self._num_seconds(self._now()) - base36_to_int(token.split("-")[0])
        return bool(age <= settings.PASSWORD_MAIL_HOURS * 3600)


mailed_links = MailedLinks()


@service("people.manage")
def password_link(actor: Actor, user_id: int, *, at: dt.datetime) -> tuple[str, str]:
    """Return the two parts of a link with which a user sets their own password, once and within three days.

    Raises NotVisible; LinkSpent for a user who may not sign in.
    """
    user = User.objects.get_queryset().get_visible(actor, user_id)
    if not user.is_active:
        raise LinkSpent
    record_event(actor, EventCode.PASSWORD_LINK_MADE, at=at, object_id=user.pk)
    return _reference(user), default_token_generator.make_token(user)


@service("people.manage")
def password_links(actor: Actor, user_ids: Iterable[int], *, at: dt.datetime) -> list[tuple[User, str, str]]:
    """Links for those of these users who are active and have no password yet: user and the two parts of a link.

    Each link is in the audit, for it opens an account.
    """
    people = User.objects.get_queryset().visible_to(actor).active().filter(pk__in=list(user_ids)).order_by("name", "pk")
    waiting = [user for user in people if not user.has_usable_password()]
    for user in waiting:
        record_event(actor, EventCode.PASSWORD_LINK_MADE, at=at, object_id=user.pk)
    return [(user, _reference(user), default_token_generator.make_token(user)) for user in waiting]


def find_forgetful(name: str, *, address: str | None, at: dt.datetime) -> User | None:
    """Return the active user with this sign-in name or mail address who can get mail, if there is one.

    Whether there is one, the asking person is not told. Raises TooManyAttempts, for unknown names too.
    """
    typed = name.replace("\0", "").strip()
    attempts.reserve(Guess.at(f"forgotten {typed}", address), at=at)
    known = User.objects.get_queryset().active().exclude(email="")
    return known.filter(Q(username__iexact=typed) | Q(email__iexact=typed)).first() if typed else None


def mail_password_link(user_id: int, *, page: str, at: dt.datetime) -> None:
    """Send a user a link that begins with `page`, in their language. Raises OSError when the mail server refuses."""
    user = User.objects.get_queryset().active().exclude(email="").filter(pk=user_id).first()
    if user is None:
        return
    facts = {
        "name": user.name,
        "company": company().name,
        "hours": settings.PASSWORD_MAIL_HOURS,
        "link": f"{page}{_reference(user)}/{mailed_links.make_token(user)}/",
    }
    with translation.override(user.language):
        subject = _("Set a new password for Loudou")
        text = _(
            "Hello %(name)s,\n\n"
            "somebody, probably you, asked for a new password for Loudou of %(company)s. "
            "Set it here within %(hours)s hours:\n\n"
            "%(link)s\n\n"
            "The link works once. If it was not you, do nothing: your password stays as it is.\n"
        )
    send_mail(subject, text % facts, None, [user.email])
    record_event(None, EventCode.PASSWORD_LINK_MAILED, at=at, object_id=user.pk)


def user_of_link(reference: str, token: str) -> User:
    """Return whose password a link sets. Raises LinkSpent when it is used, old or made up."""
    try:
        user = User.objects.filter(pk=int(force_str(urlsafe_base64_decode(reference))), is_active=True).first()
    except (ValueError, OverflowError):
        user = None
    if user is None or not any(kind.check_token(user, token) for kind in (default_token_generator, mailed_links)):
        raise LinkSpent
    return user


@transaction.atomic
def set_password_by_link(reference: str, token: str, *, password: str, at: dt.datetime) -> User:
    """Let a user set their password by the link they were given. Raises LinkSpent, InvalidInput."""
    user = lock(User.objects.get_queryset(), user_of_link(reference, token).pk)
    user_of_link(reference, token)  # again, now that the row is ours: two clicks at once, one password
    audit.bind(user)
    replace_password(user, user, password=password, at=at)
    return user


def _reference(user: User) -> str:
    return urlsafe_base64_encode(force_bytes(user.pk))
