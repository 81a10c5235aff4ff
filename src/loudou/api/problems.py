"""Errors as RFC 9457 problems: a stable `code`, sentences in the caller's language, and what the code needs besides."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError, models
from django.http import Http404, HttpRequest, HttpResponse, RawPostDataException, UnreadablePostError
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import BaseModel

from loudou.api.errors import MalformedBody, MalformedRequest, NotSignedIn
from loudou.core.errors import DatabaseAway, DiskFull
from loudou.core.outages import database_is_down, disk_is_full
from loudou.core.refusals import BusinessRefusal, InvalidInput, NotVisible, StaleWrite
from loudou.pipeline.errors import CriteriaUnmet

if TYPE_CHECKING:
    from ninja import NinjaAPI

CONTENT_TYPE = "application/problem+json"
CURRENT: dict[type[models.Model], Callable[[models.Model], dict[str, Any]]] = {}
"""How a record is shown in the answer to a stale write; each resource adds its own."""


class Problem(BaseModel):
    """Why a request was not carried out."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: dict[str, list[str]] | None = None
    current: dict[str, Any] | None = None
    unmet: list[dict[str, Any]] | None = None


def install(api: NinjaAPI) -> None:
    """Let the API answer every error as a problem."""
    handlers: list[tuple[type[Exception], Callable[[HttpRequest, Any], HttpResponse]]] = [
        (BusinessRefusal, answer),
        (ValidationError, _invalid),
        (AuthenticationError, lambda request, _error: answer(request, NotSignedIn())),
        (Http404, lambda request, _error: answer(request, NotVisible())),
        (HttpError, _malformed),
        (SuspiciousOperation, lambda request, _error: answer(request, MalformedRequest())),
        (OperationalError, _without_resources),
        (InterfaceError, _without_resources),
        (OSError, _without_resources),
    ]
    for error, handler in handlers:
        api.add_exception_handler(error, handler)


def answer(request: HttpRequest, refusal: BusinessRefusal) -> HttpResponse:
    """Tell a refusal."""
    extra: dict[str, Any] = {}
    if isinstance(refusal, InvalidInput):
        extra["errors"] = _as_sent(request, refusal.errors)
    elif isinstance(refusal, StaleWrite):
        extra["current"] = show_current(refusal.current)
    elif isinstance(refusal, CriteriaUnmet):
        extra["unmet"] = [item._asdict() for item in refusal.unmet]
    response = problem(refusal.status, refusal.code, str(refusal), **extra)
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="Loudou"'
    return response


def _as_sent(request: HttpRequest, errors: Mapping[str, list[str]]) -> Mapping[str, list[str]]:
    """Mistakes by the names that the caller sent: what a service knows as `customer` came as `customer_id`."""
    try:
        sent = json.loads(request.body)
    except (ValueError, RawPostDataException, UnreadablePostError):
        return errors  # a form, whose body was read already; its fields have their own names
    if not isinstance(sent, dict):
        return errors
    return {
        f"{field}_id" if field not in sent and f"{field}_id" in sent else field: sentences
        for field, sentences in errors.items()
    }


def problem(status: int, code: str, detail: str, **extra: Any) -> HttpResponse:
    """Make the answer."""
    body = {
        "type": f"urn:loudou:problem:{code}",
        "title": title(status),
        "status": status,
        "code": code,
        "detail": detail,
        **extra,
    }
    response = HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type=CONTENT_TYPE)
    response["Content-Language"] = get_language() or "en"
    return response


def show_current(row: models.Model) -> dict[str, Any] | None:
    """Return the record as it is now, as its resource shows it."""
    show = CURRENT.get(type(row))
    return show(row) if show else None


def title(status: int) -> str:
    """Return the short title of a status."""
    titles = {
        HTTPStatus.BAD_REQUEST: _("Bad request"),
        HTTPStatus.UNAUTHORIZED: _("Not signed in"),
        HTTPStatus.FORBIDDEN: _("Not allowed"),
        HTTPStatus.NOT_FOUND: _("Not found"),
        HTTPStatus.METHOD_NOT_ALLOWED: _("Not possible here"),
        HTTPStatus.CONFLICT: _("Conflict"),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _("Too large"),
        HTTPStatus.UNPROCESSABLE_ENTITY: _("Invalid input"),
        HTTPStatus.PRECONDITION_REQUIRED: _("Version required"),
        HTTPStatus.SERVICE_UNAVAILABLE: _("Unavailable"),
        HTTPStatus.INSUFFICIENT_STORAGE: _("The disk is full"),
    }
    return titles.get(HTTPStatus(status), HTTPStatus(status).phrase)


def away() -> HttpResponse:
    """Tell that the database is away; needs no database itself."""
    refusal = DatabaseAway()
    response = problem(refusal.status, refusal.code, str(refusal))
    response["Retry-After"] = "5"
    return response


def _without_resources(request: HttpRequest, error: OperationalError | InterfaceError | OSError) -> HttpResponse:
    """Answer a full disk and a lost database; any other error of this kind is a bug and takes its course."""
    if disk_is_full(error):
        return answer(request, DiskFull())
    if not database_is_down(error):
        raise error
    return away()


def _malformed(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer what ninja made of an error of the parser: with the parser's own refusal when it gave one."""
    cause = error.__cause__
    return answer(request, cause if isinstance(cause, BusinessRefusal) else MalformedBody())


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors: dict[str, list[str]] = {}
    for item in error.errors:
        errors.setdefault(_field(item["loc"]), []).append(_sentence(item))
    return answer(request, InvalidInput(errors))


def _choose(context: Mapping[str, Any]) -> str:
    """Name what may be chosen, without the English "or" that pydantic puts before the last."""
    choices = ", ".join(str(context["expected"]).replace("'", "").rsplit(" or ", 1))
    return _("Choose one of: %(choices)s.") % {"choices": choices}


def _field(location: Sequence[Any]) -> str:
    """Return the place of a mistake: without 'body' or 'query' and without the name of the parameter itself."""
    skipped = 2 if location and location[0] in ("body", "form", "query", "file") else 1
    path = [str(part) for part in location[skipped:]] or [str(part) for part in location[-1:]]
    return ".".join(path)


def _sentence(item: Mapping[str, Any]) -> str:
    """Say in the caller's language what is wrong with a value."""
    context: Mapping[str, Any] = item.get("ctx") or {}
    kind = item["type"]
    sentences: Mapping[str, Callable[[], str]] = {
        "missing": lambda: _("This is required."),
        "extra_forbidden": lambda: _("There is no such field."),
        "string_type": lambda: _("Enter a text."),
        "string_too_short": lambda: _("Use at least %(count)s characters.") % {"count": context["min_length"]},
        "string_too_long": lambda: _("Use at most %(count)s characters.") % {"count": context["max_length"]},
        "too_long": lambda: _("Use at most %(count)s entries.") % {"count": context["max_length"]},
        "too_short": lambda: _("Use at least %(count)s entries.") % {"count": context["min_length"]},
        "enum": lambda: _choose(context),
        "literal_error": lambda: _choose(context),
        "greater_than_equal": lambda: _("Enter at least %(limit)s.") % {"limit": context["ge"]},
        "greater_than": lambda: _("Enter more than %(limit)s.") % {"limit": context["gt"]},
        "less_than_equal": lambda: _("Enter at most %(limit)s.") % {"limit": context["le"]},
        "decimal_max_places": lambda: _("Use at most %(count)s decimal places.") % {"count": context["decimal_places"]},
        "decimal_max_digits": lambda: _("Use at most %(count)s digits.") % {"count": context["max_digits"]},
        "decimal_whole_digits": lambda: (
            _("Use at most %(count)s digits before the point.") % {"count": context["whole_digits"]}
        ),
        "bool_parsing": lambda: _("Enter true or false."),
        "bool_type": lambda: _("Enter true or false."),
        "list_type": lambda: _("Enter a list."),
        "finite_number": lambda: _("Enter a number."),
    }
    if kind in sentences:
        return sentences[kind]()
    for prefix, sentence in (
        ("int", _("Enter a whole number.")),
        ("decimal", _("Enter a number.")),
        ("datetime", _("Enter a moment such as 2026-05-31T09:30:00+08:00.")),
        ("date", _("Enter a date such as 2026-05-31.")),
    ):
        if kind.startswith(prefix):
            return sentence
    return _("This value is not valid.")
