"""Putting what somebody may see into a statement of one's own."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import models


def ids_of(rows: models.QuerySet[Any, Any], *, prefix: str, column: str = "pk") -> tuple[str, dict[str, Any]]:
    """Return the statement that selects one column of rows, its parameters named so that it fits into another one."""
    return statement_of(rows.order_by().values(column), prefix=prefix)


def statement_of(rows: models.QuerySet[Any, Any], *, prefix: str) -> tuple[str, dict[str, Any]]:
    """Return the statement of rows of one column, its parameters named; one without any row where it can have none."""
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return "SELECT NULL::bigint AS id WHERE false", {}
    names = [f"{prefix}_{place}" for place in range(len(values))]
    first, *others = sql.split("%s")
    text = first + "".join(f"%({name})s{rest}" for name, rest in zip(names, others, strict=True))
    return text, dict(zip(names, values, strict=True))
