"""Error pages: what happened, why, and what to do next, in the reader's language."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from loudou.web.frame.middleware import without_resources


def _answer(request: HttpRequest, code: int, title: str, text: str) -> HttpResponse:
    if getattr(request, "htmx", None):
        content = render_to_string("frame/toast.html", {"level": "error", "message": f"{title} {text}"}, request)
        response = HttpResponse(content, status=code)
        response["HX-Retarget"], response["HX-Reswap"] = "#toasts", "beforeend"
        return response
    context = {"code": code, "title": title, "text": text}
    return render(request, "frame/error.html", context, status=code)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return _answer(
        request,
        400,
        _("This request cannot be understood."),
        _("Go back, load the page again and repeat what you did."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 because the form was made for another session."""
    return _answer(
        request,
        403,
        _("The page was open for too long."),
        _("For your safety nothing was saved. Load the page again and repeat the last step."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return _answer(
        request, 403, _("Your role does not allow this."), _("Ask an administrator if you need it for your work.")
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return _answer(
        request,
        404,
        _("There is nothing here."),
        _("The address is wrong, the record was deleted, or it is not yours to see. Search for it, or begin at Today."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500; 507 when the disk is full, 503 when the database is away."""
    exception = sys.exc_info()[1]
    if exception is not None and (said := without_resources(request, exception)) is not None:
        return said
    context = {
        "code": 500,
        "request_id": getattr(request, "request_id", ""),
        "language": get_language(),
        "theme": getattr(request, "theme", "auto"),
    }
    return render(request, "500.html", context, status=500)
