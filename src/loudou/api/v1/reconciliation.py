"""Figures: per contract and customer with the records behind them, statistics, exchange differences."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import models
from ninja import Query, Router

from loudou.api.errors import BadCursor
from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_ID, page
from loudou.api.v1 import ledger_bodies as bodies
from loudou.api.v1 import ledger_shapes as shapes
from loudou.contracts.selectors import statistics as figures
from loudou.contracts.selectors.account import accounts_of
from loudou.contracts.selectors.receivable import difference_rows
from loudou.contracts.selectors.reconciliation import contract_figures, customer_figures
from loudou.contracts.selectors.reconciliation_rows import entries_behind, rows_behind
from loudou.core import clock
from loudou.core.refusals import NotVisible

router = Router(tags=["Figures"])
DAYS = ("due_on", "received_on", "issued_on", "signed_on", "on")
"""Where the records behind a figure have their day, whichever comes first."""

MOST_MOVEMENTS = 100
MOST_DIGITS = 9


@operation(
    router, "GET", "/contracts/{int:contract_id}/figures", permission="contracts.view", answers=shapes.FiguresOut
)
def show_contract_figures(request: Caller, contract_id: int, query: Query[bodies.AsOfQuery]) -> Any:
    """Show what is ordered, delivered, invoiced, received, open and overdue of a contract, now or on a past day."""
    return contract_figures(request.user, contract_id, today=clock.today(), on=query.on)


@operation(
    router,
    "GET",
    "/customers/{int:customer_id}/figures",
    permission="contracts.view",
    answers=shapes.CustomerFiguresOut,
)
def show_customer_figures(request: Caller, customer_id: int, query: Query[bodies.AsOfQuery]) -> Any:
    """Show the same of a customer, by currency, over the contracts you may see."""
    found = customer_figures(request.user, customer_id, today=clock.today(), on=query.on)
    return {"items": list(found.values())}


@operation(
    router,
    "GET",
    "/contracts/{int:contract_id}/figures/rows",
    permission="contracts.view",
    answers=shapes.FigureRowPage,
)
def list_rows_of_contract(request: Caller, contract_id: int, query: Query[bodies.FigureRowQuery]) -> Any:
    """List the records behind one figure of a contract, now or on a past day; all of them add up to it."""
    return _rows(request, query, contract_id=contract_id)


@operation(
    router,
    "GET",
    "/customers/{int:customer_id}/figures/rows",
    permission="contracts.view",
    answers=shapes.FigureRowPage,
)
def list_rows_of_customer(request: Caller, customer_id: int, query: Query[bodies.FigureRowQuery]) -> Any:
    """List the records behind one figure of a customer, now or on a past day; those of each currency add up to it."""
    return _rows(request, query, customer_id=customer_id)


@operation(
    router, "GET", "/customers/{int:customer_id}/account", permission="contracts.view", answers=shapes.AccountsOut
)
def show_account(request: Caller, customer_id: int, query: Query[bodies.AccountQuery]) -> Any:
    """Show a customer's statement of account by currency: billed less paid, line by line, from one day to another."""
    today = clock.today()
    until = query.until or today
    since = query.since or until.replace(day=1)
    return {
        "since": since,
        "until": until,
        "items": accounts_of(request.user, customer_id, since=since, until=until, today=today),
    }


@operation(router, "GET", "/contract-statistics", permission="contracts.view", answers=shapes.StatisticsOut)
def show_statistics(request: Caller, query: Query[bodies.SpanQuery]) -> Any:
    """Show contract amount, delivered, invoiced, received, outstanding and overdue by customer, rep, team and so on."""
    span, narrowed = _span(query), _narrowed(query)
    found = figures.overview(request.user, by=query.by, span=span, narrowed=narrowed)
    return {
        "base_currency": request.company.base_currency,
        "since": span.since,
        "until": span.until,
        "items": found.rows,
        "total": figures.total(
            found.rows, contracts=figures.contracts_signed(request.user, by=query.by, span=span, narrowed=narrowed)
        ),
        "signing_to_cash_days": found.cash.value,
    }


@operation(router, "GET", "/contract-statistics/rows", permission="contracts.view", answers=shapes.MovementList)
def list_movements(request: Caller, query: Query[bodies.MovementQuery]) -> Any:
    """List the rows behind one figure of one group, a hundred at a time."""
    found = figures.movements(
        request.user,
        figure=query.figure,
        by=query.by,
        key=_key(query),
        span=_span(query),
        narrowed=_narrowed(query),
        whole=query.whole,
        start=query.start,
        most=MOST_MOVEMENTS + 1,
    )
    following = query.start + MOST_MOVEMENTS if len(found) > MOST_MOVEMENTS else None
    return {"items": found[:MOST_MOVEMENTS], "next_start": following}


@operation(router, "GET", "/exchange-differences", permission="contracts.view", answers=shapes.DifferencePage)
def list_exchange_differences(request: Caller, query: Query[bodies.DifferenceQuery]) -> Any:
    """List gains and losses by exchange rates, each with the entry that caused it."""
    wanted = {
        "contract": query.contract,
        "customer": query.customer,
        "on__gte": query.on_from,
        "on__lte": query.on_until,
    }
    rows = difference_rows(request.user).filter(**{name: value for name, value in wanted.items() if value})
    items, following = page(rows, query=query, sorts=BY_ID, sort=query.sort)
    return {"items": items, "next": following}


def _rows(request: Caller, query: bodies.FigureRowQuery, **chosen: int) -> dict[str, Any]:
    today = clock.today()
    if query.on is not None:
        return _past_rows(request, query, today=today, **chosen)
    behind = rows_behind(request.user, query.figure, today=today, **chosen)
    items, following = page(behind.rows, query=query, sorts=BY_ID, sort="id")
    return {"items": [_row(row, _day(row), getattr(row, behind.amount)) for row in items], "next": following}


def _past_rows(request: Caller, query: bodies.FigureRowQuery, **chosen: Any) -> dict[str, Any]:
    """A page of the entries of a past day; the cursor is the place of the next one."""
    if query.cursor and not (query.cursor.isascii() and query.cursor.isdecimal() and len(query.cursor) <= MOST_DIGITS):
        raise BadCursor
    start = int(query.cursor or 0)
    found = entries_behind(request.user, query.figure, on=query.on, start=start, most=query.limit, **chosen)
    following = start + len(found.rows)
    return {
        "items": [_row(entry.record, entry.day, entry.amount) for entry in found.rows],
        "next": str(following) if following < found.count else None,
    }


def _day(row: models.Model) -> dt.date | None:
    return next((getattr(row, name) for name in DAYS if hasattr(row, name)), None)


def _row(row: models.Model, day: dt.date | None, amount: Decimal) -> dict[str, Any]:
    source = row._meta.model_name
    contract = row if source == "contract" else getattr(row, "contract", None)
    return {
        "source": source,
        "id": row.pk,
        "label": str(row),
        "on": day,
        "contract_id": contract.pk if contract else None,
        "currency": getattr(row, "currency", None) or contract.currency,  # type: ignore[union-attr]
        "amount": amount,
    }


def _span(query: bodies.SpanQuery) -> figures.Span:
    today = clock.today()
    since = query.since or today.replace(month=1, day=1)
    return figures.Span(since, max(since, query.until or today), today)


def _narrowed(query: bodies.SpanQuery) -> figures.Narrowed:
    return figures.Narrowed(owner_ids=tuple(query.owner), customer_ids=tuple(query.customer))


def _key(query: bodies.MovementQuery) -> int | str | None:
    """Read the key of a group as it is grouped. Raises NotVisible."""
    if not query.key or query.by in (figures.By.MONTH, figures.By.CUSTOM):
        return query.key or None
    if not query.key.isascii() or not query.key.isdecimal() or len(query.key) > 18:  # noqa: PLR2004 - beyond any id
        raise NotVisible
    return int(query.key)
