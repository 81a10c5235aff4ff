"""The demo in the size of a large company: 10,000 to 1,000,000 opportunities with their history, in minutes.

The rows are made inside the database, set by set. Only here, and only inside the one transaction that loads an empty
database, the audit's triggers are switched off, and foreign keys and secondary indexes are dropped and made again at
the end. The working set (open sales, reps) grows much slower than the closed past, as it does in life.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import NOT_PROVIDED
from psycopg import sql

from loudou.demo import calendar, scale_sql
from loudou.demo.bulk import continue_sequences
from loudou.demo.errors import SizeOutOfRange
from loudou.demo.staff import Staff
from loudou.demo.words import Locale, Teller, goods, market, people
from loudou.pipeline.models import LossReason, SalesProcess, Stage

FEWEST, MOST = 1_000, 5_000_000
YEARS = 4
OPEN_EACH = 35
"""Open sales of a rep."""
EXTRA_OPEN = 300
"""Open sales that the demo's rep has on top, so that a board of six columns of forty cards is full."""
EXTRA_CLOSED = 700
RECENT_SHARE = 0.8
"""Of the most recent sales, so many are still open."""

_TABLES = (
    "people_team", "people_user", "people_membership", "customers_customer", "customers_ownerchange",
    "customers_contact",
    "customers_post", "customers_customermember", "pipeline_opportunity", "pipeline_stagechange",
    "pipeline_opportunityline", "pipeline_opportunitymember", "pipeline_opportunitycontact",
    "pipeline_opportunity_competitors",
)  # fmt: skip


def open_sales(opportunities: int) -> int:
    """How many of so many opportunities are open: 3,000 of 10^4, 11,000 of 10^5, 43,000 of 10^6."""
    wanted: float = 3_000 * (opportunities / 10_000) ** 0.58
    return min(round(wanted), opportunities // 3)


def check_size(opportunities: int) -> None:
    """Refuse sizes that make no sense. Raises SizeOutOfRange."""
    if not FEWEST <= opportunities <= MOST:
        raise SizeOutOfRange(fewest=f"{FEWEST:,}", most=f"{MOST:,}")


def load(opportunities: int, *, seed: int, today: dt.date, locale: Locale, staff: Staff) -> dict[str, int]:
    """Load about so many opportunities; people and catalog must be there. Returns rows by table."""
    _six_stages(Teller(locale))
    facts = _facts(opportunities, today=today, tell=Teller(locale), staff=staff)
    counts: dict[str, int] = {}
    with connection.cursor() as cursor, _unhindered(cursor):
        cursor.execute(scale_sql.CHANCE.format(seed=seed % 1_000_000))
        for name in ("TEAMS", "REPS", "MEMBERSHIPS", "STAFF", "CUSTOMERS", "OWNER_CHANGES", "CONTACTS", "POSTS"):
            _run(cursor, name, facts, counts)
        for name in ("PROCESSES", "PLAN"):
            _run(cursor, name, facts, counts)
        cursor.execute("ANALYZE scale_plan, customers_customer")
        for name in ("OPPORTUNITIES", "STAGE_CHANGES", "LINES", "MEMBERS", "CUSTOMER_MEMBERS", "PEOPLE", "RIVALS"):
            _run(cursor, name, facts, counts)
        cursor.execute("DROP TABLE scale_plan, scale_process, scale_rep")
        continue_sequences(*_TABLES)
    return counts


def _run(cursor: Any, name: str, facts: Mapping[str, Any], counts: dict[str, int]) -> None:
    statement = getattr(scale_sql, name)
    cursor.execute(statement, facts)
    if statement.lstrip().startswith("INSERT INTO"):
        counts[statement.split()[2]] = cursor.rowcount


def _facts(opportunities: int, *, today: dt.date, tell: Teller, staff: Staff) -> dict[str, Any]:
    """The numbers and words that the statements are filled with."""
    reps = max(4, round(open_sales(opportunities) / OPEN_EACH))
    teams = max(2, reps // 9)
    now = dt.datetime.combine(today, dt.time(), tzinfo=calendar.TIME_ZONE)
    start = now - dt.timedelta(days=365 * YEARS)
    open_wanted = max(0, open_sales(opportunities))
    extra = min(EXTRA_OPEN, open_wanted // 2)
    regions = [team["id"] for team in staff.teams if team["name"] in [tell(name) for name, _ in people.REGIONS]]
    reasons = list(LossReason.objects.order_by("pk").values_list("pk", flat=True))
    joint = "" if tell.is_chinese else " "
    return {
        "opportunities": opportunities, "reps": reps, "new_reps": reps - 1, "teams": teams,
        "rep": staff.reps[0].user_id,
        "first_user": len(staff.users), "first_team": len(staff.teams), "regions": regions,
        "region_count": len(regions),
        "founded": start - dt.timedelta(days=300), "start": start, "now": now,
        "span": now - start - dt.timedelta(days=4),
        "customers": reps * max(1, opportunities // 10 // reps), "customers_each": max(1, opportunities // 10 // reps),
        "extra": round(extra / RECENT_SHARE), "rep_every": max(3, opportunities // EXTRA_CLOSED),
        "recent": round(open_wanted / RECENT_SHARE), "open_share": RECENT_SHARE, "reasons": reasons,
        "reason_count": len(reasons), "products": 28, "competitors": len(market.COMPETITORS), "zone": "Asia/Shanghai",
        "language": "zh-hans" if tell.is_chinese else "en", "team_word": tell(("销售组", "Sales team")),
        "country": tell(market.CHINA), "legal_form": joint + tell(market.LEGAL_FORMS[0][0]),
        "surnames": [tell(name) + joint for name in people.SURNAMES],
        "given": [tell(name) for name in people.GIVEN_NAMES],
        "syllables": _syllables(tell), "endings": [ending + joint for ending in _syllables(tell, last=True)],
        "cities": [tell(city) + joint for places in market.PLACES.values() for _, city, _ in places],
        "businesses": [tell(word) for _, word, _ in market.INDUSTRIES],
        "industries": [tell(industry) for industry, _, _ in market.INDUSTRIES],
        "sources": [tell(source) for source, _ in market.SOURCES],
        "occasions": [
            goods.occasion(tell, purchase, line) for line in range(len(goods.LINES))
            for purchases in goods.OCCASIONS.values() for purchase in purchases
        ],
        "steps": [tell(step) for steps in goods.NEXT_STEPS for step in steps],
    }  # fmt: skip


def _syllables(tell: Teller, *, last: bool = False) -> list[str]:
    """Parts of company names that can be combined freely: single characters, or words put together."""
    if tell.is_chinese:
        return sorted({name[0][-1 if last else 0] for name in market.NAME_WORDS})
    return [name[1].lower().replace("'", "") if last else name[1] for name in market.NAME_WORDS]


def _six_stages(tell: Teller) -> None:
    """Add a process of six stages, for tenders; two thirds of the sales run through it."""
    process = SalesProcess.objects.create(name="Tender", name_zh="招投标流程", position=3)
    names = (
        ("Tender noticed", "获知招标"), ("Qualified", "资格预审"), ("Site visit", "现场踏勘"),
        ("Bid handed in", "递交标书"), ("Clarification", "澄清答疑"), ("Award", "定标"),
    )  # fmt: skip
    Stage.objects.bulk_create(
        Stage(process=process, position=position, name=name, name_zh=name_zh, prior_win_rate=f"0.{position}5")
        for position, (name, name_zh) in enumerate(names, start=1)
    )


@contextmanager
def _unhindered(cursor: Any) -> Iterator[None]:
    """Load without triggers, foreign keys and secondary indexes, then put all back; that proves the foreign keys.

    Meanwhile columns that no statement names get their model's default, so that a new column needs no change here.
    """
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("SET LOCAL maintenance_work_mem = '256MB'; SET LOCAL work_mem = '64MB'")
    indexes, foreign_keys, defaults = _indexes(cursor), _foreign_keys(cursor), _defaults()
    for table in _TABLES:
        cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
    for table, column, value in defaults:
        cursor.execute(sql.SQL("ALTER TABLE {} ALTER {} SET DEFAULT {}").format(*_named(table, column), value))
    for table, name, _ in foreign_keys:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for _, definition in indexes:
        cursor.execute(definition)
    for table, name, definition in foreign_keys:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    for table, column, _ in defaults:
        cursor.execute(sql.SQL("ALTER TABLE {} ALTER {} DROP DEFAULT").format(*_named(table, column)))
    for table in _TABLES:
        cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')


def _defaults() -> list[tuple[str, str, sql.Literal]]:
    """Table, column and value of the models' defaults: the database gives them to columns that no statement names."""
    models = [model for model in apps.get_models() if model._meta.db_table in _TABLES and not model._meta.proxy]
    return [
        (model._meta.db_table, str(field.column), sql.Literal(field.get_db_prep_save(field.get_default(), connection)))
        for model in models for field in model._meta.concrete_fields
        if not field.null and field.default is not NOT_PROVIDED and field.db_default is NOT_PROVIDED
    ]  # fmt: skip


def _named(table: str, column: str) -> tuple[sql.Identifier, sql.Identifier]:
    return sql.Identifier(table), sql.Identifier(column)


def _indexes(cursor: Any) -> list[tuple[str, str]]:
    """Name and definition of the indexes that no constraint stands on."""
    cursor.execute(
        """
        SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
        FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype <> 'f'
        WHERE i.indrelid = ANY (%s::regclass[]) AND c.oid IS NULL AND NOT i.indisprimary
        ORDER BY i.indexrelid
        """,
        [list(_TABLES)],
    )
    return list(cursor.fetchall())


def _foreign_keys(cursor: Any) -> list[tuple[str, str, str]]:
    """Table, name and definition of the foreign keys."""
    cursor.execute(
        """
        SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
        FROM pg_constraint WHERE conrelid = ANY (%s::regclass[]) AND contype = 'f' ORDER BY oid
        """,
        [list(_TABLES)],
    )
    return list(cursor.fetchall())
