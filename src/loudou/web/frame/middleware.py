"""What every request gets: an id, a policy for the browser, the user's language and taste, decent refusals."""

from __future__ import annotations

import uuid
import zoneinfo
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from loudou.core import audit, kept
from loudou.core.errors import DiskFull
from loudou.core.outages import database_is_down, disk_is_full
from loudou.core.rates import company
from loudou.core.refusals import BusinessRefusal
from loudou.people.choices import Language, Theme
from loudou.web.frame import formats

GetResponse = Callable[[HttpRequest], HttpResponseBase]

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "manifest-src 'self'",
    )
)
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods of requests that change nothing."""
LANGUAGE_COOKIE = settings.LANGUAGE_COOKIE_NAME
THEME_COOKIE = "loudou_theme"


class RequestContextMiddleware:
    """Give the request an id, tell the audit where changes come from, and set the browser's policy on the answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request inside an audit source."""
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        request.company = SimpleLazyObject(company)  # type: ignore[attr-defined]
        origin = "api" if request.path.startswith("/api/") else "web"
        reading = kept.one_reading() if request.method in READING else nullcontext()
        with audit.source(origin, request_id=request.request_id, ip=remote_address(request)), reading:  # type: ignore[attr-defined]
            response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class ReaderMiddleware:
    """Answer in the user's language, time zone and theme; strangers have cookies, else what their browser asks for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request as its reader likes it."""
        user: Any = request.user
        signed_in = user.is_authenticated
        language = user.language if signed_in else _strangers_language(request)
        request.theme = user.theme if signed_in else _strangers_theme(request)  # type: ignore[attr-defined]
        wan = formats.use_wan.set(bool(signed_in and user.use_wan))
        zone = request.company.time_zone if signed_in else settings.TIME_ZONE  # type: ignore[attr-defined]
        try:
            with translation.override(language), timezone.override(_zone(zone)):
                request.LANGUAGE_CODE = language
                response = self.get_response(request)
        finally:
            formats.use_wan.reset(wan)
        response.headers.setdefault("Content-Language", language)
        return response


class RefusalMiddleware:
    """Turn refusals into an answer that fits the screen, and a full disk or lost database into a page that says so."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer refusals, a full disk and a lost database; everything else is a bug and takes its course."""
        if isinstance(exception, BusinessRefusal):
            return refuse(request, exception)
        return without_resources(request, exception)


def refuse(request: HttpRequest, refusal: BusinessRefusal) -> HttpResponse:
    """Say a refusal: a toast when htmx asked, else a page; either way with the refusal's status."""
    if getattr(request, "htmx", None):
        content = render_to_string("frame/toast.html", {"level": "error", "message": str(refusal)}, request)
        response = HttpResponse(content, status=refusal.status)
        response["HX-Retarget"], response["HX-Reswap"] = "#toasts", "beforeend"
    else:
        context = {"refusal": refusal, "code": refusal.status, "title": str(refusal)}
        response = render(request, "frame/refusal.html", context, status=refusal.status)
    response["X-Refusal"] = refusal.code
    return response


def without_resources(request: HttpRequest, exception: BaseException) -> HttpResponse | None:
    """Say that the disk is full or that the database is away; None when the error means neither."""
    if disk_is_full(exception):
        return disk_full(request)
    return unavailable(request) if database_is_down(exception) else None


def disk_full(request: HttpRequest) -> HttpResponse:
    """Say that nothing can be written: a toast when htmx asked, else a page. Needs no database itself."""
    if getattr(request, "htmx", None):
        return refuse(request, DiskFull())
    return _page_alone(request, "507.html", status=507)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Say that the database is away; needs no database itself. The page asks again every few seconds."""
    response = _page_alone(request, "503.html", status=503)
    response["Retry-After"] = "5"
    return response


def _page_alone(request: HttpRequest, template: str, *, status: int) -> HttpResponse:
    """A page that needs no database, as its reader likes it as far as the request already knows."""
    language = getattr(request, "LANGUAGE_CODE", None) or _strangers_language(request)
    theme = getattr(request, "theme", None) or _strangers_theme(request)
    with translation.override(language):
        content = render_to_string(template, {"language": language, "theme": theme, "code": status})
    response = HttpResponse(content, status=status)
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response["Content-Language"] = language
    return response


def remote_address(request: HttpRequest) -> str | None:
    """Address of the client, which trusted proxies have told (`loudou.config.transport`)."""
    return request.META.get("REMOTE_ADDR") or None


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


def _strangers_language(request: HttpRequest) -> str:
    wanted = request.COOKIES.get(LANGUAGE_COOKIE, "")
    return wanted if wanted in Language.values else translation.get_language_from_request(request)


def _strangers_theme(request: HttpRequest) -> str:
    wanted = request.COOKIES.get(THEME_COOKIE, "")
    return wanted if wanted in Theme.values else Theme.AUTO
