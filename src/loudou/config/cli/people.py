"""`loudou user` and `loudou token`: for whoever owns the machine, also before anybody can sign in."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING

import typer

from loudou.config.cli.language import _
from loudou.config.cli.opening import complain, installation, say

if TYPE_CHECKING:
    from loudou.people.models import User

users = typer.Typer(no_args_is_help=True, help=_("Who may sign in."))
tokens = typer.Typer(no_args_is_help=True, help=_("Keys for programs that use the API."))

USERNAME = typer.Argument(help=_("Sign-in name."))
NAME = typer.Option(None, help=_("Name as colleagues know it; the sign-in name when left out."))
EMAIL = typer.Option("", help=_("Mail address."))
ROLES = typer.Option(
    ["rep"],
    "--role",
    help=_("rep, manager, operations, finance, executive, administrator or auditor; may be given several times."),
)
LANGUAGE = typer.Option("zh-hans", help=_("Language of the screens: zh-hans or en."))
FROM_STDIN = typer.Option(False, "--password-stdin", help=_("Read the password from standard input."))
TOKEN_NAME = typer.Option(..., "--name", help=_("What the token is for."))
SCOPES = typer.Option([], "--scope", help=_("A permission such as pipeline.view; all of the user's when left out."))
DAYS = typer.Option(90, min=1, max=366, help=_("Days until it expires."))
TOKEN_ID = typer.Argument(help=_("Number of the token, as `token list` shows it."))


@users.command("create", help=_("Make a user; asks for the password."))
def create_user(
    username: str = USERNAME,
    name: str | None = NAME,
    email: str = EMAIL,
    roles: list[str] = ROLES,
    language: str = LANGUAGE,
    password_stdin: bool = FROM_STDIN,
) -> None:
    """Make a user."""
    password = _ask_password(from_stdin=password_stdin)
    with installation():
        from loudou.core.actors import SYSTEM
        from loudou.people.services import users as services

        services.create_user(
            SYSTEM,
            username=username,
            name=name or username,
            email=email,
            roles=roles,
            language=language,
            password=password,
        )
        say(_("%(username)s can sign in now.") % {"username": username})


@users.command("list", help=_("Show all users."))
def list_users() -> None:
    """Show all users."""
    with installation():
        from loudou.people.models import User

        for user in User.objects.order_by("username"):
            state = "" if user.is_active else "  " + _("(deactivated)")
            say(f"{user.username}  {user.name}  {', '.join(user.roles)}{state}")


@users.command("password", help=_("Set a user's password; asks for it."))
def set_password(username: str = USERNAME, password_stdin: bool = FROM_STDIN) -> None:
    """Set a user's password."""
    password = _ask_password(from_stdin=password_stdin)
    with installation():
        from loudou.core import clock
        from loudou.core.actors import SYSTEM
        from loudou.people.services import users as services

        services.set_password(SYSTEM, find_user(username).pk, password=password, at=clock.now())
        say(_("The password of %(username)s is set.") % {"username": username})


@users.command("deactivate", help=_("Keep a user from signing in; sessions and tokens end at once."))
def deactivate(username: str = USERNAME) -> None:
    """Keep a user from signing in."""
    with installation():
        from loudou.core import clock
        from loudou.core.actors import SYSTEM
        from loudou.people.services import users as services

        services.deactivate_user(SYSTEM, find_user(username).pk, at=clock.now())
        say(_("%(username)s cannot sign in any more.") % {"username": username})


@tokens.command("create", help=_("Make a token for a user; it is shown once."))
def create_token(
    username: str = USERNAME, name: str = TOKEN_NAME, scopes: list[str] = SCOPES, days: int = DAYS
) -> None:
    """Make a token for a user."""
    with installation():
        from loudou.core import clock
        from loudou.people.services import tokens as services

        user, now = find_user(username), clock.now()
        _token, secret = services.create_token(
            user, name=name, scopes=scopes or user.permissions, expires_at=now + dt.timedelta(days=days), at=now
        )
        say(secret)


@tokens.command("list", help=_("Show the tokens of a user."))
def list_tokens(username: str = USERNAME) -> None:
    """Show the tokens of a user."""
    with installation():
        from loudou.people.models import ApiToken

        for token in ApiToken.objects.filter(user=find_user(username)).order_by("pk"):
            ended = "  " + _("(revoked)") if token.revoked_at else ""
            say(f"{token.pk}  {token.name}  {token.prefix}…  {token.expires_at:%Y-%m-%d}{ended}")


@tokens.command("revoke", help=_("End a token."))
def revoke_token(username: str = USERNAME, token_id: int = TOKEN_ID) -> None:
    """End a token."""
    with installation():
        from loudou.core import clock
        from loudou.people.services import tokens as services

        services.revoke_token(find_user(username), token_id, at=clock.now())
        say(_("The token is revoked."))


def find_user(username: str) -> User:
    """Return the user with this sign-in name, or say that there is none and leave."""
    from loudou.people.models import User

    user = User.objects.filter(username__iexact=username).first()
    if user is None:
        complain(_("There is no user %(username)s.") % {"username": username})
        raise typer.Exit(1)
    return user


def _ask_password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    password: str = typer.prompt(_("Password"), hide_input=True, confirmation_prompt=True)
    return password
