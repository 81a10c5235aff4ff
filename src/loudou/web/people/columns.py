"""How users are drawn in lists."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from loudou.people.choices import Role
from loudou.people.models import User
from loudou.web.frame.columns import EMPTY
from loudou.web.templatetags.loudou import badge


def role_labels(user: User) -> list[str]:
    """Roles of a user in words."""
    return [str(Role(role).label) for role in user.roles if role in Role.values]


def role_badges(user: User) -> SafeString:
    """Draw the roles."""
    return format_html_join(" ", "{}", ((badge(label, "blue"),) for label in role_labels(user))) or EMPTY


def state_badge(user: User) -> SafeString:
    """Say whether the user may sign in."""
    return badge(_("May sign in"), "green") if user.is_active else badge(_("Deactivated"), "secondary", "ban")


def team_names(user: Any) -> str:
    """Name the teams of today of a row of `users_visible`."""
    return ", ".join(membership.team.name for membership in user.present_memberships)


def second_factor_badge(user: Any) -> SafeString:
    """Say whether a second factor is on, for a row of `users_visible`."""
    return badge(_("On"), "green", "shield-check") if user.has_second_factor else format_html("{}", _("Off"))
