"""Users: who works here, and what they are here for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict, Unpack, cast

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from loudou.core.actors import Actor
from loudou.core.bulk import Outcome, insert_rows
from loudou.core.refusals import InvalidInput
from loudou.core.verbs import check_version, lock, lock_all, service, validate
from loudou.people.choices import EventCode, Language, Role
from loudou.people.errors import LastAdministrator, OwnAccount
from loudou.people.models import ApiToken, Session, User
from loudou.people.services.events import record_event


class UserFacts(TypedDict, total=False):
    """What is known about a user; `username` and `name` are needed to create one."""

    username: str
    name: str
    email: str
    phone: str
    title: str
    roles: Sequence[str]
    language: str
    external_id: str
    require_second_factor: bool


class ProfileFacts(TypedDict, total=False):
    """What people may change about themselves."""

    name: str
    phone: str
    language: str
    theme: str
    use_wan: bool


@service("people.manage")
def create_user(actor: Actor, *, password: str | None = None, **facts: Unpack[UserFacts]) -> User:
    """Make a user. Without a password nobody can sign in until one is set by a link (`password_links.password_link`).

    Raises InvalidInput with a sentence per field.
    """
    user = _new_user(facts)
    validate(user, exclude=["password"])
    user.password = _hashed(password, user)
    user.save()
    return user


@service("people.manage")
def create_users(actor: Actor, people: Sequence[UserFacts]) -> list[Outcome[User]]:
    """Make many users, without passwords, in few statements; each gets its own outcome, in the order given.

    Import and simulation use it. Unlike `create_user` it raises nothing for a single bad row.
    """
    users = [_new_user(facts) for facts in people]
    unusable = make_password(None)
    for user in users:
        user.password = unusable
    return insert_rows(users)


@service("people.manage")
def update_user(actor: Actor, user_id: int, *, version: int | None = None, **changes: Unpack[UserFacts]) -> User:
    """Change what is known about a user, roles included.

    Raises NotVisible, StaleWrite, InvalidInput, LastAdministrator, OwnAccount.
    """
    user = lock(User.objects.visible_to(actor), user_id)
    check_version(user, version)
    return _write(actor, user, cast("Mapping[str, object]", changes))


@service("people.own")
def update_profile(actor: User, **changes: Unpack[ProfileFacts]) -> User:
    """Change the actor's own name, phone, language, theme or way of showing amounts. Raises InvalidInput."""
    user = lock(User.objects.all(), actor.pk)
    return _write(actor, user, cast("Mapping[str, object]", changes))


@service("people.manage")
def set_password(actor: Actor, user_id: int, *, password: str, at: dt.datetime) -> User:
    """Set a user's password and end all their sessions. Raises NotVisible, InvalidInput for a weak password."""
    user = lock(User.objects.visible_to(actor), user_id)
    replace_password(actor, user, password=password, at=at)
    return user


def replace_password(
    actor: Actor, user: User, *, password: str, at: dt.datetime, keep_session: str | None = None
) -> None:
    """Write a new password for a locked user, end every session but one, and write it into the audit.

    Part of other verbs: it asks for no permission of its own.
    """
    user.password = _hashed(password, user)
    user.save_changes("password")
    Session.objects.filter(user=user).exclude(session_key=keep_session or "").delete()
    record_event(actor, EventCode.PASSWORD_CHANGED, at=at, object_id=user.pk)


@service("people.manage")
def deactivate_user(actor: Actor, user_id: int, *, at: dt.datetime, version: int | None = None) -> User:
    """End a user's access at once: sessions end, tokens are revoked. Memberships and records stay as they are.

    Raises NotVisible, StaleWrite, OwnAccount, LastAdministrator.
    """
    user = lock(User.objects.visible_to(actor), user_id)
    check_version(user, version)
    end_access(actor, user, at=at)
    return user


def end_access(actor: Actor, user: User, *, at: dt.datetime) -> None:
    """Close a locked user's account, end the sessions and revoke the tokens; nothing when it is closed already.

    Part of other verbs: it asks for no permission of its own. Raises OwnAccount, LastAdministrator.
    """
    if user.pk == actor.pk:
        raise OwnAccount
    if not user.is_active:
        return
    _keep_an_administrator(user)
    user.is_active = False
    user.save_changes("is_active")
    Session.objects.filter(user=user).delete()
    ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=at)


def is_last_administrator(user: User) -> bool:
    """Whether nobody else who may sign in is an administrator."""
    in_charge = User.objects.filter(is_active=True, roles__contains=[Role.ADMINISTRATOR])
    return user.is_active and Role.ADMINISTRATOR in user.roles and not in_charge.exclude(pk=user.pk).exists()


@service("people.manage")
def reactivate_user(actor: Actor, user_id: int, *, version: int | None = None) -> User:
    """Let a user sign in again, with the password and second factor they had. Raises NotVisible, StaleWrite."""
    user = lock(User.objects.visible_to(actor), user_id)
    check_version(user, version)
    if not user.is_active:
        user.is_active = True
        user.save_changes("is_active")
    return user


def _new_user(facts: UserFacts) -> User:
    known = {"language": Language.CHINESE.value, **facts}
    known["roles"] = _sorted_roles(facts.get("roles", ()))
    for field in ("username", "name", "email"):
        known[field] = str(known.get(field, "")).strip()
    return User(**known)


def _write(actor: Actor, user: User, changes: Mapping[str, object]) -> User:
    """Write the fields that really differ; refuse what would leave nobody in charge."""
    wanted = dict(changes)
    if "roles" in wanted:
        roles = _sorted_roles(cast("Sequence[str]", wanted["roles"]))
        wanted["roles"] = roles
        if Role.ADMINISTRATOR in user.roles and Role.ADMINISTRATOR not in roles:
            if user.pk == actor.pk:
                raise OwnAccount
            _keep_an_administrator(user)
    written = [field for field, value in wanted.items() if getattr(user, field) != value]
    for field in written:
        setattr(user, field, wanted[field])
    if written:
        validate(user, exclude=["password"])
        user.save_changes(*written)
    return user


def _sorted_roles(roles: Iterable[str]) -> list[str]:
    """Keep one order, that of the choices, so that the audit shows a change only where there is one."""
    wanted = set(roles)
    return [role for role in Role.values if role in wanted] + sorted(wanted - set(Role.values))


def _hashed(password: str | None, user: User) -> str:
    if password is None:
        return make_password(None)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput({"password": error.messages}) from error
    return make_password(password)


def _keep_an_administrator(leaving: User) -> None:
    """Refuse when nobody else would be left in charge; all administrators are locked, so two cannot leave at once."""
    in_charge = User.objects.filter(is_active=True, roles__contains=[Role.ADMINISTRATOR])
    locked = lock_all(in_charge, in_charge.values_list("pk", flat=True))
    if leaving.pk in {user.pk for user in locked} and len(locked) == 1:
        raise LastAdministrator(name=leaving.name)
