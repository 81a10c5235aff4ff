"""Reading requests: exact decimals, no text that no column could keep."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from loudou.api.errors import MalformedBody, UnstorableText


class StrictParser(Parser):
    """JSON with exact numbers; zero bytes, lone surrogates, NaN and Infinity are refused."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Read a JSON body. Raises MalformedBody, UnstorableText."""
        try:
            body = json.loads(request.body, parse_float=Decimal, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise MalformedBody from error
        if b"\\u" in request.body or b"\0" in request.body:
            refuse_unstorable(body)
        return body

    def parse_querydict(self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest) -> Any:
        """Read a query string or a form. Raises UnstorableText."""
        result = super().parse_querydict(data, list_fields, request)
        refuse_unstorable(result)
        return result


def refuse_unstorable(value: Any) -> None:
    """Walk through a parsed value and refuse texts that PostgreSQL cannot hold. Raises UnstorableText."""
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise UnstorableText
    elif isinstance(value, dict):
        for name, item in value.items():
            refuse_unstorable(name)
            refuse_unstorable(item)
    elif isinstance(value, list):
        for item in value:
            refuse_unstorable(item)


def _refuse_constant(_name: str) -> Any:
    raise MalformedBody
