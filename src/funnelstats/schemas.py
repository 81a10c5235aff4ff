"""The input tables, documented as data: what a column holds, its unit, and what it means where it is empty.

Whoever holds the rows (a product's database, a CSV export, a data lake) presents them under these names, as tables,
views or SELECTs. Optional columns may be absent: `select_all` writes them as NULL. `validation.validate` says what is
wrong with rows, before a statistic is.

Instants are points on the time line (with a zone; without one they are read as UTC), dates are business days. Amounts
of one table are in one currency: a statistic adds them up. A deal that was dropped counts as lost, one on hold as open.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

import sqlglot


class Kind(Enum):
    """What a column holds; the value names the types of DuckDB that can hold it, the first is the one to choose."""

    KEY = ("BIGINT", "INTEGER", "SMALLINT", "TINYINT", "HUGEINT", "UBIGINT", "UINTEGER", "VARCHAR", "ENUM", "UUID")
    INSTANT = ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE")
    DATE = ("DATE",)
    MONEY = ("DECIMAL", "BIGINT", "INTEGER", "SMALLINT", "HUGEINT", "DOUBLE", "FLOAT")
    WHOLE = ("BIGINT", "INTEGER", "SMALLINT", "TINYINT", "HUGEINT", "UBIGINT", "UINTEGER", "USMALLINT", "UTINYINT")
    NUMBER = ("DOUBLE", "FLOAT", "DECIMAL", "BIGINT", "INTEGER", "SMALLINT", "TINYINT")
    TEXT = ("VARCHAR", "ENUM")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `empty` says what NULL means (None: NULL is not allowed); an optional column may be absent.

    `words` are the only values allowed, `least` and `most` the limits of a number.
    """

    name: str
    kind: Kind
    about: str
    empty: str | None = None
    unit: str = ""
    is_optional: bool = False
    words: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition that offending rows of one table fulfil, in SQL; reported under `code` at `column`."""

    code: str
    column: str
    where: str
    about: str


@dataclass(frozen=True, slots=True)
class Reference:
    """Values of `column` must occur in `target` (table, column); checked where that table is given."""

    code: str
    column: str
    target: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """One input table: its columns, the columns that tell rows apart, and what rows must fulfil."""

    name: str
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rules: tuple[Rule, ...] = ()
    references: tuple[Reference, ...] = ()

    def column(self, name: str) -> Column:
        """Return the column of that name. Raises KeyError."""
        return next((one for one in self.columns if one.name == name), None) or _no_column(self.name, name)


def _no_column(table: str, name: str) -> Column:
    raise KeyError(f"{table} has no column {name}")


def _key(name: str, about: str, empty: str | None = None) -> Column:
    return Column(name, Kind.KEY, about, empty, is_optional=empty is not None)


def _amount(about: str, *, empty: str | None = "not known", least: float | None = 0) -> Column:
    return Column("amount", Kind.MONEY, about, empty, unit="the table's one currency", least=least)


CURRENCY = Column("currency", Kind.TEXT, "ISO 4217 code of the amount", "the only currency there is", is_optional=True)
EXPECTED_ON = Column("expected_on", Kind.DATE, "expected signing date", "none was given", is_optional=True)
OWNER = _key("owner_id", "who sells", "nobody")
PROBABILITY = Column(
    "probability",
    Kind.NUMBER,
    "the rep's own probability",
    "none was given",
    "share",
    is_optional=True,
    least=0,
    most=1,
)

OPPORTUNITIES = Table(
    "opportunities",
    "Sales one tries to win; one row each, as known now.",
    (
        _key("opportunity_id", "identity"),
        Column("created_at", Kind.INSTANT, "when it was opened: age 0"),
        Column(
            "observed_from",
            Kind.INSTANT,
            "when its observation began, for one that was taken over in the middle of its life: had it been decided"
            " before, it would not be here (left truncation)",
            "from its creation",
            is_optional=True,
        ),
        Column("closed_at", Kind.INSTANT, "when it was won or lost", "it is open"),
        Column("outcome", Kind.TEXT, "how it ended", words=("won", "lost", "open")),
        _amount("what it is worth"),
        CURRENCY,
        EXPECTED_ON,
        _key("process_id", "sales process", "the only one"),
        _key("stage_id", "stage it is in or was closed in", "not known"),
        OWNER,
        _key("team_id", "team of the owner", "none"),
        _key("customer_id", "customer", "not known"),
        _key("product_id", "main product", "not known"),
        _key("source_id", "where it came from", "not known"),
        Column("kind", Kind.TEXT, "any classification", "not classified", is_optional=True),
        PROBABILITY,
    ),
    key=("opportunity_id",),
    rules=(
        Rule("closed_before_created", "closed_at", "closed_at < created_at", "closed before it was opened"),
        Rule("closed_at_missing", "closed_at", "outcome IN ('won', 'lost') AND closed_at IS NULL", "no closing time"),
        Rule("open_yet_closed", "closed_at", "outcome = 'open' AND closed_at IS NOT NULL", "open, with closing time"),
        Rule("observed_after_close", "observed_from", "observed_from > closed_at", "closed before observation began"),
    ),
    references=(Reference("unknown_stage", "stage_id", ("stages", "stage_id")),),
)

STAGES = Table(
    "stages",
    "The open stages of the sales processes, in order.",
    (
        _key("stage_id", "identity"),
        _key("process_id", "sales process", "the only one"),
        Column("ordinal", Kind.WHOLE, "place in its process", unit="1, 2, 3 ...", least=1),
        Column("prior_rate", Kind.NUMBER, "win rate somebody set", "none", "share", is_optional=True, least=0, most=1),
    ),
    key=("stage_id",),
)

STAGE_EVENTS = Table(
    "stage_events",
    "The history: what an opportunity was from a moment on. Rows are only ever added, never changed.",
    (
        _key("opportunity_id", "which opportunity"),
        Column("seq", Kind.WHOLE, "order of events at the same instant"),
        Column("happened_at", Kind.INSTANT, "since when it is true"),
        Column("recorded_at", Kind.INSTANT, "when it became known", "when it happened", is_optional=True),
        _key("stage_id", "stage from then on (on closing: the stage it was closed in)"),
        Column("state", Kind.TEXT, "state from then on", words=("open", "on_hold", "won", "lost")),
        Column("amount", Kind.MONEY, "amount from then on", "not known", "one currency", is_optional=True, least=0),
        EXPECTED_ON,
        OWNER,
        PROBABILITY,
    ),
    key=("opportunity_id", "happened_at", "seq"),
    rules=(Rule("recorded_before_happened", "recorded_at", "recorded_at < happened_at", "known before it happened"),),
    references=(
        Reference("unknown_opportunity", "opportunity_id", ("opportunities", "opportunity_id")),
        Reference("unknown_stage", "stage_id", ("stages", "stage_id")),
    ),
)

SNAPSHOTS = Table(
    "snapshots",
    "What was known of each opportunity at a moment; several moments in one table. Never corrected afterwards.",
    (
        Column("taken_at", Kind.INSTANT, "the moment"),
        _key("opportunity_id", "which opportunity"),
        Column("state", Kind.TEXT, "state then", words=("open", "on_hold", "won", "lost")),
        _amount("amount then"),
        CURRENCY,
        EXPECTED_ON,
        _key("stage_id", "stage then", "not known"),
        OWNER,
        PROBABILITY,
        Column("category", Kind.TEXT, "forecast category the rep chose", "none", is_optional=True),
        Column(
            "original_amount",
            Kind.MONEY,
            "amount in the opportunity's own currency",
            "not known",
            is_optional=True,
            least=0,
        ),
        Column("original_currency", Kind.TEXT, "that currency", "not known", is_optional=True),
    ),
    key=("taken_at", "opportunity_id"),
)

TRANSACTIONS = Table(
    "transactions",
    "What customers bought: invoices or orders, returns negative, net of tax.",
    (
        _key("customer_id", "who bought"),
        Column("happened_on", Kind.DATE, "day of the invoice or order"),
        _amount("net amount; negative for a return", empty=None, least=None),
        Column("margin", Kind.MONEY, "contribution of it", "not known", "the same currency", is_optional=True),
        CURRENCY,
        _key("transaction_id", "identity, where there is one", "not told apart"),
        _key("product_id", "what was bought", "not known"),
    ),
    key=("transaction_id",),
)

ACTIVITIES = Table(
    "activities",
    "Calls, visits, meetings and other work on customers.",
    (
        _key("activity_id", "identity"),
        Column("happened_at", Kind.INSTANT, "when (a planned one: for when)"),
        Column("recorded_at", Kind.INSTANT, "when it was entered", "when it happened", is_optional=True),
        OWNER,
        _key("opportunity_id", "for which opportunity", "for none"),
        _key("customer_id", "for which customer", "for none"),
        Column("kind", Kind.TEXT, "call, visit, ...", "not classified", is_optional=True),
        Column(
            "state",
            Kind.TEXT,
            "whether it took place",
            "done",
            is_optional=True,
            words=("planned", "done", "cancelled"),
        ),
        Column(
            "outcome",
            Kind.TEXT,
            "outcome of a visit",
            "none",
            is_optional=True,
            words=("order", "advance", "continuation", "no_sale"),
        ),
        Column("hours", Kind.NUMBER, "time it took", "not known", "hours", is_optional=True, least=0),
        Column("cost", Kind.MONEY, "cost beside the hours", "none", "one currency", is_optional=True, least=0),
        Column("phase", Kind.TEXT, "phase of the customer then", "not known", is_optional=True),
    ),
    key=("activity_id",),
    references=(Reference("unknown_opportunity", "opportunity_id", ("opportunities", "opportunity_id")),),
)

INSTALMENTS = Table(
    "instalments",
    "What is to be paid, when: the items of receivables.",
    (
        _key("instalment_id", "identity"),
        _key("customer_id", "who owes"),
        Column("issued_on", Kind.DATE, "day of the invoice", "not invoiced", is_optional=True),
        Column("due_on", Kind.DATE, "day it is due"),
        _amount("what is owed; negative for a credit note", empty=None, least=None),
        CURRENCY,
        _key("contract_id", "under which contract", "not known"),
    ),
    key=("instalment_id",),
    rules=(Rule("due_before_issued", "due_on", "due_on < issued_on", "due before it was invoiced"),),
)

PAYMENTS = Table(
    "payments",
    "What was paid, and for which instalment.",
    (
        _key("payment_id", "identity; the parts of one receipt are rows of their own"),
        _key("customer_id", "who paid"),
        _key("instalment_id", "which instalment it settles", "not allocated yet"),
        Column("paid_on", Kind.DATE, "day the money came"),
        _amount("what was paid; negative for a refund", empty=None, least=None),
        CURRENCY,
    ),
    key=("payment_id",),
    references=(Reference("unknown_instalment", "instalment_id", ("instalments", "instalment_id")),),
)

TABLES = {
    table.name: table
    for table in (
        OPPORTUNITIES,
        STAGES,
        STAGE_EVENTS,
        SNAPSHOTS,
        TRANSACTIONS,
        ACTIVITIES,
        INSTALMENTS,
        PAYMENTS,
    )
}
"""All input tables by name."""


def select_all(table: str, present: Collection[str], *, source: str | None = None, dialect: str = "duckdb") -> str:
    """Write a SELECT that has every column of the table, those that are not `present` as NULL of the right type.

    `source` is where the rows are (default: a relation of the table's own name). For `queries.render(tables=...)`.
    """
    columns = [
        one.name if one.name in present else f"CAST(NULL AS {_sql_type(one.kind)}) AS {one.name}"
        for one in TABLES[table].columns
    ]
    select = f"SELECT {', '.join(columns)} FROM {source or table}"
    [written] = sqlglot.transpile(select, read="duckdb", write=dialect)
    return str(written)


def _sql_type(kind: Kind) -> str:
    chosen: str = kind.value[0]
    return {Kind.INSTANT: "TIMESTAMPTZ", Kind.MONEY: "DECIMAL(19, 4)"}.get(kind, chosen)
