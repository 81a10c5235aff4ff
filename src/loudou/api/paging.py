"""Pages of a list by keyset: a page costs the same however deep it lies, and no row is missed or seen twice."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Q
from pydantic import BaseModel, Field

from loudou.api.errors import BadCursor

MOST_ROWS = 200
USUAL_ROWS = 50


class PageQuery(BaseModel):
    """How to page: the `next` cursor of the page before, and how many rows."""

    cursor: str = Field("", max_length=500, description="The `next` of the page before; empty for the first page.")
    limit: int = Field(USUAL_ROWS, ge=1, le=MOST_ROWS, description="Rows of a page.")


class Sort(NamedTuple):
    """An order of a list: a column without NULLs, its direction, and how its value travels in a cursor."""

    column: str = "id"
    descending: bool = False
    read: Callable[[Any], Any] = int
    write: Callable[[Any], Any] = int


def _moment(value: Any) -> dt.datetime:
    moment = dt.datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


BY_ID: Mapping[str, Sort] = {"id": Sort(), "-id": Sort(descending=True)}
BY_CHANGE: Mapping[str, Sort] = {
    "updated_at": Sort("updated_at", False, _moment, dt.datetime.isoformat),
    "-updated_at": Sort("updated_at", True, _moment, dt.datetime.isoformat),
}
BY_NAME: Mapping[str, Sort] = {"name": Sort("name", False, str, str), "-name": Sort("name", True, str, str)}


def page(
    rows: models.QuerySet[Any], *, query: PageQuery, sorts: Mapping[str, Sort], sort: str
) -> tuple[list[Any], str | None]:
    """Return the rows of a page and the cursor of the next one, None at the end. Raises BadCursor."""
    order = sorts[sort]
    if query.cursor:
        rows = rows.filter(_after(order, sort, query.cursor))
    sign = "-" if order.descending else ""
    columns = [f"{sign}{order.column}"] + ([f"{sign}id"] if order.column != "id" else [])
    found = list(rows.order_by(*columns)[: query.limit + 1])
    if len(found) <= query.limit:
        return found, None
    last = found[query.limit - 1]
    return found[: query.limit], _encode([sort, order.write(getattr(last, order.column)), last.pk])


def _after(order: Sort, sort: str, cursor: str) -> Q:
    """Condition: behind the row that the cursor names. Written so that an index on the order serves it."""
    try:
        named, raw, pk = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=="))
        value, pk = order.read(raw), int(pk)
    except (ValueError, TypeError, UnicodeError, RecursionError, OverflowError, binascii.Error) as error:
        raise BadCursor from error
    if named != sort or not -(2**63) <= pk < 2**63 or (isinstance(value, str) and "\0" in value):
        raise BadCursor
    beyond = "lt" if order.descending else "gt"
    if order.column == "id":
        return Q(**{f"id__{beyond}": pk})
    tie = Q(**{order.column: value, f"id__{beyond}": pk})
    return Q(**{f"{order.column}__{beyond}e": value}) & (Q(**{f"{order.column}__{beyond}": value}) | tie)


def _encode(parts: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")
