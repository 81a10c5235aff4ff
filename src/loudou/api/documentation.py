"""The page about the API for people: areas, operations, fields and examples, read from the OpenAPI description."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from loudou.api.v1.routes import schema
from loudou.core.refusals import NotVisible, PermissionRefused

DEEPEST = 4
_COLOURS = {"GET": "blue", "POST": "green", "PUT": "orange", "PATCH": "orange", "DELETE": "red"}
_SAMPLES = {"string": "…", "integer": 1, "number": 1.0, "boolean": True}
_FORMATS = {"date": "2026-06-15", "date-time": "2026-06-15T08:00:00Z", "decimal": "1250.00"}


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter of an address, or a field of what is sent."""

    name: str
    kind: str
    required: bool
    place: str
    text: str

    @property
    def place_name(self) -> str:
        """Where it is sent, in the reader's language."""
        places = {"path": _("address"), "query": _("query"), "header": _("header"), "body": _("body")}
        return places.get(self.place, self.place)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    method: str
    path: str
    text: str
    body: str
    anchor: str
    fields: tuple[Field, ...]
    example: str
    answers: tuple[tuple[str, str], ...]

    @property
    def short_path(self) -> str:
        """The address behind what all of them begin with."""
        return self.path.removeprefix("/api/v1")

    @property
    def colour(self) -> str:
        """Colour of the method's badge; the method itself stands in it."""
        return _COLOURS.get(self.method, "secondary")


@dataclass(frozen=True, slots=True)
class Area:
    """Operations about one subject: the tag of their router, and how an address names it."""

    name: str
    operations: tuple[Operation, ...]

    @property
    def key(self) -> str:
        """What the address of its page says."""
        return slugify(self.name)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show to everybody who is signed in the overview, one area (`?area=`), or what is searched for (`?q=`)."""
    user: Any = request.user
    if not user.is_authenticated:
        asked = urlencode({"next": request.get_full_path()})
        return HttpResponseRedirect(f"{reverse('people:sign_in')}?{asked}")
    if not user.has_permission("home.view"):
        raise PermissionRefused
    words, chosen = request.GET.get("q", "").strip(), None
    if key := request.GET.get("area"):
        chosen = next((area for area in areas() if area.key == key), None)
        if chosen is None:
            raise NotVisible
    shown = [chosen] if chosen else found(words) if words else []
    overview = [(_("API"), reverse("api-docs"))] if shown or words else []
    context = {
        "title": gettext(chosen.name) if chosen else _("API"),
        "page": {"breadcrumbs": overview},
        "areas": areas(),
        "shown": shown,
        "chosen": chosen,
        "words": words,
        "host": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "api/documentation.html", context)


@functools.cache
def areas() -> tuple[Area, ...]:
    """Read the description once: areas by name."""
    document = schema()
    read: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, facts in methods.items():
            read.setdefault(facts["tags"][0], []).append(_operation(document, method, path, facts))
    return tuple(Area(name, tuple(operations)) for name, operations in sorted(read.items()))


def found(words: str) -> list[Area]:
    """Areas with the operations that hold every word in their address or in what they do, in the reader's language."""
    wanted = words.lower().split()
    hits = []
    for area in areas():
        kept = [operation for operation in area.operations if all(word in _words(operation) for word in wanted)]
        if kept:
            hits.append(Area(area.name, tuple(kept)))
    return hits


def _words(operation: Operation) -> str:
    """What a search for an operation looks through."""
    return " ".join((operation.method, operation.path, gettext(operation.text))).lower()


def _operation(document: Mapping[str, Any], method: str, path: str, facts: Mapping[str, Any]) -> Operation:
    fields = [
        Field(
            parameter["name"],
            _kind(document, parameter["schema"]),
            bool(parameter.get("required")),
            parameter["in"],
            _said_of(document, parameter),
        )
        for parameter in facts.get("parameters", ())
    ]
    body = facts.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    example = about = ""
    if body is not None:
        about = _resolved(document, body).get("description", "")
        fields += _fields(document, body)
        example = json.dumps(_sample(document, body), ensure_ascii=False, indent=2)
    answers = tuple((status, answer.get("description", "")) for status, answer in facts["responses"].items())
    text = facts.get("description") or facts.get("summary", "")
    return Operation(method.upper(), path, text, about, facts["operationId"], tuple(fields), example, answers)


def _said_of(document: Mapping[str, Any], parameter: Mapping[str, Any]) -> str:
    """What is said of a parameter itself; what its choices are called in the code is nothing for readers."""
    text = str(parameter.get("description", ""))
    kind = _resolved(document, parameter["schema"])
    return "" if "enum" in kind and kind.get("description") == text else text


def _fields(document: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Field]:
    whole = _resolved(document, found)
    needed = whole.get("required", ())
    for name, part in whole.get("properties", {}).items():
        yield Field(name, _kind(document, part), name in needed, "body", part.get("description", ""))


def _resolved(document: Mapping[str, Any], found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference; of several possibilities take the first that is not null."""
    while "$ref" in found or "anyOf" in found or "allOf" in found:
        if "$ref" in found:
            found = document["components"]["schemas"][found["$ref"].rsplit("/", 1)[1]]
        else:
            options = found.get("anyOf") or found["allOf"]
            found = next((option for option in options if option.get("type") != "null"), options[0])
    return found


def _kind(document: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    one = _resolved(document, found)
    if "enum" in one:
        return " | ".join(map(str, one["enum"]))
    if one.get("type") == "array":
        return f"[{_kind(document, one.get('items', {}))}]"
    return str(one.get("format") or one.get("type") or "any")


def _sample(document: Mapping[str, Any], found: Mapping[str, Any], depth: int = 0) -> Any:
    """Make up a value that fits: what is needed first, and what has a default with it."""
    one = _resolved(document, found)
    if "example" in one:
        return one["example"]
    if one.get("default") not in (None, "", [], {}):
        return one["default"]
    if "enum" in one:
        return one["enum"][0]
    if one.get("type") == "array":
        return [_sample(document, one.get("items", {}), depth + 1)] if depth < DEEPEST else []
    if "properties" in one:
        needed = one.get("required") or list(one["properties"])[:3]
        return (
            {name: _sample(document, one["properties"][name], depth + 1) for name in needed} if depth < DEEPEST else {}
        )
    return _FORMATS.get(one.get("format", "")) or _SAMPLES.get(one.get("type", ""), {})
