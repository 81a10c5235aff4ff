"""Who calls: a program with a bearer token, or our own page with a session; and whether the caller may.

The permission is checked here, before the body is read, so that nobody learns from a validation error what they may
not do anyway.
"""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from loudou.api.errors import BodyTooLarge, ForgedRequest
from loudou.core import clock
from loudou.core.refusals import PermissionRefused
from loudou.people.services.tokens import authenticate_token

if TYPE_CHECKING:
    from loudou.people.models import User

MEGABYTE = 1024 * 1024


class Token(HttpBearer):
    """`Authorization: Bearer ldu_...`, limited to the scopes of the token."""

    openapi_name = "token"

    def __init__(self, permission: str) -> None:
        super().__init__()
        self.permission = permission

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """Return the user the token speaks for. Raises PermissionRefused, BodyTooLarge."""
        refuse_oversize(request)
        found = authenticate_token(token, clock.now())
        if found is None:
            return None
        user, _scopes = found
        request.user = user
        speak(request, user)
        return allow(user, self.permission)


class Session(APIKeyCookie):
    """The session cookie of a signed-in page, with a CSRF token on everything that changes something."""

    openapi_name = "session"
    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self, permission: str) -> None:
        super().__init__(csrf=False)
        self.openapi_name = "session"
        self.permission = permission

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        """Return the signed-in user. Raises ForgedRequest, PermissionRefused, BodyTooLarge."""
        refuse_oversize(request)
        if not request.user.is_authenticated:
            return None
        if check_csrf(request):
            raise ForgedRequest
        return allow(request.user, self.permission)


def refuse_oversize(request: HttpRequest) -> None:
    """Refuse by the announced length, before a byte of the body is read. Raises BodyTooLarge."""
    announced = request.headers.get("Content-Length", "")
    is_form = (request.content_type or "").startswith("multipart/")
    limit = (settings.UPLOAD_LIMIT_MB + 1) * MEGABYTE if is_form else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if announced.isdecimal() and int(announced) > limit:
        raise BodyTooLarge(limit=limit // MEGABYTE)


def allow(user: User, permission: str) -> User:
    """Return the user if the roles (and the token's scopes) include the permission. Raises PermissionRefused."""
    if not user.has_permission(permission):
        raise PermissionRefused
    return user


def speak(request: HttpRequest, user: User) -> None:
    """Answer in the language that the program asks for, else in the user's; dates are days of the company."""
    translation.activate(_wanted_language(request) or user.language)
    try:
        timezone.activate(zoneinfo.ZoneInfo(request.company.time_zone))  # type: ignore[attr-defined]
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        timezone.activate(zoneinfo.ZoneInfo("UTC"))


def _wanted_language(request: HttpRequest) -> str | None:
    for wanted, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if wanted == "*":
            return None
        try:
            return get_supported_language_variant(wanted)
        except LookupError:
            continue
    return None
