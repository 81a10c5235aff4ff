"""What `loudou check` proves about the pipeline: every cache equals the history it was made from, over all rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision
from django.db import connection
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.core.checks import Finding, Sentence, check
from loudou.core.rates import company
from loudou.pipeline.models.search_document import KEPT
from loudou.pipeline.services.history import CLOSES, STARTS_STAGE

_NEWEST = """
    SELECT DISTINCT ON (opportunity_id) opportunity_id, to_stage_id, to_state, amount, currency, amount_base,
           expected_on, probability, owner_id, at
    FROM pipeline_stagechange ORDER BY opportunity_id, at DESC, id DESC
"""


@check(
    "pipeline.current_state",
    _("Stage, state, amount, dates and owner of each opportunity are those of its newest history row."),
)
def current_state() -> Iterator[Finding]:
    """Compare each opportunity with the newest row of its history."""
    return _findings(
        f"""
        SELECT o.id FROM pipeline_opportunity o LEFT JOIN ({_NEWEST}) n ON n.opportunity_id = o.id
        WHERE n.opportunity_id IS NULL OR (o.stage_id, o.state) <> (n.to_stage_id, n.to_state)
           OR (o.amount, o.currency, o.expected_on, o.probability, o.owner_id)
              IS DISTINCT FROM (n.amount, n.currency, n.expected_on, n.probability, n.owner_id)
        ORDER BY o.id
        """,  # noqa: S608 - no outside text
        _("It is not what its newest history row says."),
    )


@check("pipeline.stage_entered_at", _("The time in the stage starts with the history row that entered it."))
def stage_entered_at() -> Iterator[Finding]:
    """Compare `stage_entered_at` with the newest row that started a stage."""
    return _findings(
        """
        SELECT o.id FROM pipeline_opportunity o LEFT JOIN (
            SELECT opportunity_id, max(at) AS at FROM pipeline_stagechange WHERE kind = ANY(%s) GROUP BY opportunity_id
        ) h ON h.opportunity_id = o.id
        WHERE o.stage_entered_at IS DISTINCT FROM h.at ORDER BY o.id
        """,
        _("The time since when it is in its stage differs from the history."),
        [[str(kind) for kind in STARTS_STAGE]],
    )


@check("pipeline.closed_at", _("An opportunity was closed when its newest closing history row says."))
def closed_at() -> Iterator[Finding]:
    """Compare `closed_at` with the newest closing row, of closed opportunities."""
    return _findings(
        """
        SELECT o.id FROM pipeline_opportunity o LEFT JOIN (
            SELECT opportunity_id, max(at) AS at FROM pipeline_stagechange WHERE kind = ANY(%s) GROUP BY opportunity_id
        ) h ON h.opportunity_id = o.id
        WHERE o.state = ANY(%s) AND o.closed_at IS DISTINCT FROM h.at ORDER BY o.id
        """,
        _("The time when it was closed differs from the history."),
        [[str(kind) for kind in CLOSES], [str(kind) for kind in CLOSES]],
    )


@check(
    "pipeline.history_order",
    _("The history of each opportunity begins with its creation and each row continues the one before."),
)
def history_order() -> Iterator[Finding]:
    """Find rows whose `from` is not the `to` of the row before."""
    return _findings(
        """
        SELECT DISTINCT opportunity_id FROM (
            SELECT opportunity_id, kind, from_stage_id, from_state,
                   lag(to_stage_id) OVER w AS stage_before, lag(to_state) OVER w AS state_before,
                   row_number() OVER w AS place
            FROM pipeline_stagechange WINDOW w AS (PARTITION BY opportunity_id ORDER BY at, id)
        ) h
        WHERE (place = 1) <> (kind = 'created')
           OR (place > 1 AND (from_stage_id, from_state) IS DISTINCT FROM (stage_before, state_before))
        ORDER BY opportunity_id
        """,
        _("Its history has a gap or is out of order."),
    )


@check(
    "pipeline.amount_base",
    _("Open amounts are valued at today's exchange rate, closed ones at that of the day they were closed."),
)
def amount_base() -> Iterator[Finding]:
    """Compare base amounts with rates (open, on hold) and with the closing history row (closed)."""
    ours = company()
    today = clock.now().astimezone(ZoneInfo(ours.time_zone)).date()
    yield from _base_of_open(ours.base_currency, today)
    yield from _findings(
        f"""
        SELECT o.id FROM pipeline_opportunity o JOIN ({_NEWEST}) n ON n.opportunity_id = o.id
        WHERE o.state = ANY(%s) AND o.amount_base IS DISTINCT FROM n.amount_base ORDER BY o.id
        """,  # noqa: S608 - no outside text
        _("Its base amount is not the one it was closed with."),
        [[str(kind) for kind in CLOSES]],
    )


def _base_of_open(base: str, today: dt.date) -> Iterator[Finding]:
    return _findings(
        """
        SELECT o.id FROM pipeline_opportunity o LEFT JOIN (
            SELECT DISTINCT ON (currency) currency, rate FROM core_exchangerate WHERE "on" <= %s
            ORDER BY currency, "on" DESC
        ) r ON r.currency = o.currency
        WHERE NOT o.state = ANY(%s) AND o.amount IS NOT NULL
          AND o.amount_base IS DISTINCT FROM round(o.amount * CASE WHEN o.currency = %s THEN 1 ELSE r.rate END, %s)
        ORDER BY o.id
        """,
        _("Its base amount is not its amount at today's exchange rate."),
        [today, [str(kind) for kind in CLOSES], base, get_currency_precision(base)],
    )


@check("pipeline.line_sums", _("The amount of an opportunity with product lines is the sum of its lines."))
def line_sums() -> Iterator[Finding]:
    """Compare amounts with the sums of lines."""
    return _findings(
        """
        SELECT o.id FROM pipeline_opportunity o JOIN (
            SELECT opportunity_id, sum(amount) AS amount FROM pipeline_opportunityline GROUP BY opportunity_id
        ) l ON l.opportunity_id = o.id
        WHERE o.amount IS DISTINCT FROM l.amount ORDER BY o.id
        """,
        _("Its amount is not the sum of its product lines."),
    )


@check("pipeline.splits", _("The shares of a team add up to at most 100 per cent."))
def splits() -> Iterator[Finding]:
    """Add up the shares of each team."""
    return _findings(
        """
        SELECT opportunity_id FROM pipeline_opportunitymember GROUP BY opportunity_id HAVING sum(split) > 100
        ORDER BY opportunity_id
        """,
        _("The shares of its team exceed 100 per cent."),
    )


@check(
    "pipeline.stage_process",
    _("Each opportunity is in a stage of its own process, and an open one in a stage that is in use."),
)
def stage_process() -> Iterator[Finding]:
    """Compare the process of the stage with the process of the opportunity."""
    return _findings(
        """
        SELECT o.id FROM pipeline_opportunity o JOIN pipeline_stage s ON s.id = o.stage_id
        WHERE s.process_id <> o.process_id OR (o.state IN ('open', 'on_hold') AND s.merged_into_id IS NOT NULL)
        ORDER BY o.id
        """,
        _("Its stage does not belong to its process, or is no longer in use."),
    )


@check("pipeline.evidence", _("What is on record about opportunities as evidence is what they prove now."))
def evidence() -> Iterator[Finding]:
    """Compare the standing evidence about opportunities with their need, purchasing power, state and dates."""
    return _findings(
        """
        WITH proved AS (
            SELECT id, customer_id, 'need_verified' AS kind, NULL::date AS due_on, NULL::date AS settled_on
            FROM pipeline_opportunity WHERE visibility = 'explicit' AND customer_id IS NOT NULL
            UNION ALL
            SELECT id, customer_id, 'intent', expected_on, (closed_at AT TIME ZONE %s)::date
            FROM pipeline_opportunity
            WHERE visibility = 'explicit' AND customer_id IS NOT NULL AND budget_confirmed_on IS NOT NULL
              AND state IN ('open', 'won')
        )
        SELECT DISTINCT coalesce(proved.id, held.subject_id) AS id FROM proved
        FULL JOIN (
            SELECT * FROM customers_standingevidence WHERE subject_model = 'pipeline.opportunity'
        ) held ON held.subject_id = proved.id AND held.kind = proved.kind AND held.customer_id = proved.customer_id
        WHERE proved.id IS NULL OR held.id IS NULL
           OR (proved.due_on, proved.settled_on) IS DISTINCT FROM (held.due_on, held.settled_on)
        ORDER BY id
        """,
        _("What is on record about its customer is not what it proves."),
        [company().time_zone],
    )


@check("pipeline.search_document", _("Each opportunity is found by its own words and by its customer's names."))
def search_document() -> Iterator[Finding]:
    """Compare the document of each opportunity with what it is made from."""
    return _findings(
        f"SELECT id FROM pipeline_opportunity WHERE search_text IS DISTINCT FROM {KEPT} ORDER BY id",  # noqa: S608
        _("A search does not find it by all its words; save it again."),
    )


def _findings(sql: str, problem: Sentence, parameters: list[Any] | None = None) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or [])
        for (pk,) in cursor.fetchall():
            yield Finding(f"pipeline.opportunity {pk}", problem)
