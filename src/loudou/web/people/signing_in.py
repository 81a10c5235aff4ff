"""What a complete sign-in does to the browser's session, and how pages ask for the password again."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from loudou.core import clock
from loudou.people.models import User
from loudou.people.services import sign_in
from loudou.people.session_store import ADDRESS, AGENT, SEEN_AT, SIGNED_IN_AT
from loudou.web.frame.middleware import remote_address
from loudou.web.frame.pages import Page

PENDING = "sign_in_pending"
CONFIRMED_AT = "confirmed_at"
SECOND_FACTOR_DUE = "second_factor_due"
SECOND_FACTOR_GIVEN = "second_factor_given"
PENDING_FOR = dt.timedelta(minutes=10)
CONFIRMED_FOR = dt.timedelta(minutes=15)


def safe_next(request: HttpRequest) -> str:
    """Address that was asked for before signing in, when it is one of ours; else the start page."""
    wanted = request.POST.get("next", "") or request.GET.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else "/"


def absolute(request: HttpRequest, path: str) -> str:
    """Address of one of our pages as people outside reach it."""
    return settings.PUBLIC_URL + path if settings.PUBLIC_URL else request.build_absolute_uri(path)


def lead_in(request: HttpRequest, user: User, *, next_address: str, provider: str = "") -> HttpResponseBase:
    """Go on after the first proof, a password or a provider's word: ask for the second factor, or sign in."""
    if sign_in.has_second_factor(user):
        hold(request, user, next_address=next_address, provider=provider)
        return HttpResponseRedirect(reverse("people:second_factor"))
    return complete(request, user, next_address=next_address, provider=provider)


def complete(
    request: HttpRequest, user: User, *, next_address: str, provider: str = "", has_two_factors: bool = False
) -> HttpResponseBase:
    """Sign the browser in under a new session key and lead on.

    `has_two_factors` says that the provider has asked for a second factor itself.
    """
    now = clock.now()
    address, device = remote_address(request), request.headers.get("User-Agent", "")[:300]
    request.session.pop(PENDING, None)
    login(request, user)
    instant = now.isoformat()
    request.session.update(
        {SIGNED_IN_AT: instant, SEEN_AT: instant, CONFIRMED_AT: instant, ADDRESS: address, AGENT: device}
    )
    request.session[SECOND_FACTOR_GIVEN] = has_two_factors
    note_what_is_due(request, user)
    sign_in.note_sign_in(user, address=address, device=device_name(device), at=now, provider=provider)
    return HttpResponseRedirect(next_address)


def note_what_is_due(request: HttpRequest, user: User) -> None:
    """Remember in the session whether a second factor must be set up before anything else."""
    if sign_in.is_second_factor_due(user) and not request.session.get(SECOND_FACTOR_GIVEN):
        request.session[SECOND_FACTOR_DUE] = True
    else:
        request.session.pop(SECOND_FACTOR_DUE, None)


def hold(request: HttpRequest, user: User, *, next_address: str, provider: str = "") -> None:
    """Remember who gave the right password until the code is given too. Nobody is signed in yet."""
    request.session.cycle_key()
    request.session[PENDING] = {
        "user": user.pk, "at": clock.now().isoformat(), "next": next_address, "provider": provider,
    }  # fmt: skip


def held(request: HttpRequest) -> tuple[User, str, str] | None:
    """Return who gave the first proof within the last ten minutes, where they want to go, and which provider spoke."""
    pending = request.session.get(PENDING)
    if pending is None or clock.now() - dt.datetime.fromisoformat(pending["at"]) > PENDING_FOR:
        return None
    user = User.objects.filter(pk=pending["user"], is_active=True).first()
    return (user, pending["next"], pending["provider"]) if user else None


class Confirmed(Page):
    """A page for a sensitive change: it asks for the password again a quarter of an hour after the last time."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send people who signed in long ago to confirm that it is still them."""
        if request.user.is_authenticated and request.user.has_permission(self.permission) and not is_confirmed(request):
            htmx = getattr(request, "htmx", None)
            asked = (htmx.current_url_abs_path if htmx else "") or request.get_full_path()
            wanted = asked if htmx or request.method == "GET" else reverse("people:security")
            address = f"{reverse('people:confirm')}?{urlencode({'next': wanted})}"
            return HttpResponseClientRedirect(address) if htmx else HttpResponseRedirect(address)
        return super().dispatch(request, *args, **kwargs)


def is_confirmed(request: HttpRequest) -> bool:
    """Whether the password was given within the last quarter of an hour."""
    at = request.session.get(CONFIRMED_AT)
    return at is not None and clock.now() - dt.datetime.fromisoformat(at) < CONFIRMED_FOR


_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("HarmonyOS", "HarmonyOS"),
    ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def device_name(agent: str) -> str:
    """Name the browser and system of a User-Agent as people would, such as 'Firefox, Windows'."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return ", ".join(part for part in (browser, system) if part) or agent[:60]
