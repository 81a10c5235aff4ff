"""How an operation is declared: its permission, its answer, its errors, and whether a repeated request is harmless."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from ninja import Router
from pydantic import BaseModel

from loudou.api.authentication import Session, Token
from loudou.api.errors import BadIdempotencyKey, UnknownParameter
from loudou.api.problems import Problem
from loudou.core.models import Company
from loudou.core.services.idempotency import Answer, fingerprint, once
from loudou.people.models import User

P = ParamSpec("P")

KEY_HEADER = "Idempotency-Key"
LONGEST_KEY = 200
NO_CONTENT = 204
REFUSED = frozenset({400, 401, 403, 404, 409, 413, 422, 428})

KEY_PARAMETER = {
    "name": KEY_HEADER,
    "in": "header",
    "required": False,
    "description": "Any text of your choice, new for each new request. Sent again, the request is not carried out "
    "twice: the first answer comes back, marked `Idempotent-Replayed: true`. Kept for two days.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
}
MATCH_PARAMETER = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": 'The version the change is based on, such as "3"; the same as `version` in the body.',
    "schema": {"type": "string", "maxLength": 40},
}


class Caller(HttpRequest):
    """A request that came through authentication: somebody is known, and so is the company."""

    user: User
    company: Company


class Declared(NamedTuple):
    """An operation as the permission matrix reads it."""

    method: str
    path: str
    permission: str


DECLARED: list[Declared] = []
"""Every operation with its permission, in the order of declaration."""


def operation(
    router: Router,
    method: str,
    path: str,
    *,
    permission: str,
    answers: Any = None,
    status: int = 200,
    media: str = "",
) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Declare an operation; a function that returns what `answers` (a pydantic model) shows, or nothing (204).

    `permission` is asked of the caller before anything is read. A query parameter that the operation does not know is
    refused: a filter with a typing error would otherwise return everything. POST takes an Idempotency-Key. A GET that
    hands out a file names its type as `media` and returns the response itself.
    """

    def declare(function: Callable[P, Any]) -> Callable[P, Any]:
        known = query_names(function, path)

        @functools.wraps(function)
        def respond(request: Caller, *args: Any, **kwargs: Any) -> HttpResponseBase:
            refuse_unknown_parameters(request, known)
            if media:
                file: HttpResponseBase = function(request, *args, **kwargs)  # type: ignore[arg-type]
                return file

            def run() -> Answer:
                result = function(request, *args, **kwargs)  # type: ignore[arg-type]
                return Answer(status, None if answers is None else show(answers, result))

            key = request.headers.get(KEY_HEADER) if method == "POST" else None
            if key is None:
                return _respond(run())
            if not 0 < len(key) <= LONGEST_KEY:
                raise BadIdempotencyKey
            scope = hashlib.sha256(f"{method} {request.path}".encode()).hexdigest()[:40]
            return _respond(once(request.user, scope=scope, key=key, fingerprint=_fingerprint(request), run=run))

        # ninja reads the annotations in the module of the function it is given; these are from another one.
        respond.__signature__ = inspect.signature(function, eval_str=True)  # type: ignore[attr-defined]
        respond.permission = permission  # type: ignore[attr-defined]
        DECLARED.append(Declared(method, path, permission))
        parameters = [KEY_PARAMETER] if method == "POST" else [MATCH_PARAMETER] if method == "PATCH" else []
        extra: dict[str, Any] = {"parameters": parameters} if parameters else {}
        if media:
            extra["responses"] = {status: {"content": {media: {"schema": {"type": "string", "format": "binary"}}}}}
        router.add_api_operation(
            path,
            [method],
            respond,
            auth=[Token(permission), Session(permission)],
            response={status: answers, REFUSED: Problem},
            operation_id=function.__name__,
            summary=(function.__doc__ or "").splitlines()[0],
            openapi_extra=extra or None,
        )
        return function

    return declare


def show(answers: Any, result: Any) -> Any:
    """Turn what a function returned into what JSON holds."""
    if answers is dict:
        return result
    made: BaseModel = result if isinstance(result, answers) else answers.model_validate(result)
    return made.model_dump(mode="json")


def _respond(answer: Answer) -> HttpResponse:
    if answer.body is None:
        response = HttpResponse(status=NO_CONTENT)
        del response["Content-Type"]
    else:
        content = json.dumps(answer.body, ensure_ascii=False)
        response = HttpResponse(content, status=answer.status, content_type="application/json")
        if isinstance(answer.body, dict) and isinstance(answer.body.get("version"), int):
            response["ETag"] = f'"{answer.body["version"]}"'
    if answer.repeated:
        response["Idempotent-Replayed"] = "true"
    response["Content-Language"] = get_language() or "en"
    return response


def _fingerprint(request: HttpRequest) -> str:
    """Digest of what is asked: the body, or the fields and files of a form (whose body was read already)."""
    if not (request.content_type or "").startswith("multipart/"):
        return fingerprint(request.META.get("QUERY_STRING", "").encode() + b"\n" + request.body)
    files = {name: [(file.name, file.size) for file in request.FILES.getlist(name)] for name in request.FILES}
    return fingerprint({"fields": dict(request.POST.lists()), "files": files})


def query_names(function: Callable[..., Any], path: str) -> frozenset[str]:
    """Names of the query parameters that an operation takes, as its OpenAPI description lists them."""
    names: set[str] = set()
    for name, parameter in list(inspect.signature(function, eval_str=True).parameters.items())[1:]:
        kind = parameter.annotation
        sources = {type(source).__name__ for source in getattr(kind, "__metadata__", ())}
        model = kind.__origin__ if sources else kind
        is_model = isinstance(model, type) and issubclass(model, BaseModel | UploadedFile)
        if "Query" in sources and is_model:
            names |= {field.alias or each for each, field in model.model_fields.items()}
        elif "Query" in sources or not (sources or is_model or re.search(rf"[{{:]{name}\}}", path)):
            names.add(name)
    return frozenset(names)


def refuse_unknown_parameters(request: HttpRequest, known: frozenset[str]) -> None:
    """Raises UnknownParameter when the address has a query parameter that is not among the known ones."""
    for name in request.GET:
        if name not in known:
            raise UnknownParameter(name=name, known=", ".join(sorted(known)) or "–")
