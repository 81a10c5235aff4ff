"""Watching over sign-ins: when they were last used, when they end, and what is due before the next page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from loudou.core import clock
from loudou.people.session_store import ADDRESS, SEEN_AT, SIGNED_IN_AT
from loudou.web.frame.middleware import remote_address
from loudou.web.people.signing_in import SECOND_FACTOR_DUE, note_what_is_due

SEEN_IS_NOTED_EVERY = dt.timedelta(minutes=5)


class SignInWatchMiddleware:
    """End sign-ins that are too old, note when they are used, and hold people at a second factor that is due."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        since = request.session.get(SIGNED_IN_AT)
        if since is not None:
            now = clock.now()
            if now - dt.datetime.fromisoformat(since) >= dt.timedelta(days=settings.SESSION_LONGEST_DAYS):
                logout(request)
            elif now - dt.datetime.fromisoformat(request.session[SEEN_AT]) >= SEEN_IS_NOTED_EVERY:
                # Saving the session also moves the end of idleness.
                request.session[SEEN_AT] = now.isoformat()
                request.session[ADDRESS] = remote_address(request)
                if request.user.is_authenticated:
                    note_what_is_due(request, request.user)
        if request.session.get(SECOND_FACTOR_DUE) and not _is_open(request.path):
            return HttpResponseRedirect(reverse("people:second_factor_set_up"))
        return self.get_response(request)


def _is_open(path: str) -> bool:
    """Whether a page may be used before the second factor that the company asks for is set up."""
    names = (
        "people:second_factor_set_up", "people:confirm", "people:provider_begin", "people:provider_back",
        "people:sign_out", "frame:taste",
    )  # fmt: skip
    return path.startswith(settings.STATIC_URL) or path in {reverse(name) for name in names}
