"""What `loudou repair` computes anew about the pipeline: what opportunities show of their history, and prove."""

from __future__ import annotations

from collections.abc import Iterator

from loudou.core import clock
from loudou.core.actors import SYSTEM
from loudou.core.repairs import Columns, Difference, repair
from loudou.customers.models import StandingEvidence
from loudou.pipeline import checks
from loudou.pipeline.models import Opportunity
from loudou.pipeline.services.evidence import report
from loudou.pipeline.services.history import CLOSES, STARTS_STAGE

OPPORTUNITY = "pipeline.opportunity"
TABLE = "pipeline_opportunity"
_NEWEST = """
    SELECT DISTINCT ON (opportunity_id) opportunity_id AS id, to_stage_id AS stage_id, to_state AS state, amount,
           currency, expected_on, probability, owner_id, amount_base
    FROM pipeline_stagechange ORDER BY opportunity_id, at DESC, id DESC
"""


def _among(kinds: object) -> str:
    return ", ".join(f"'{kind}'" for kind in sorted(str(each) for each in kinds))  # type: ignore[attr-defined]


repair("pipeline.current_state", place=20)(
    Columns(
        TABLE,
        OPPORTUNITY,
        ("stage_id", "state", "amount", "currency", "expected_on", "probability", "owner_id"),
        _NEWEST,
    )
)
repair("pipeline.stage_entered_at", place=21)(
    Columns(
        TABLE,
        OPPORTUNITY,
        ("stage_entered_at",),
        f"""
        SELECT opportunity_id AS id, max(at) AS stage_entered_at FROM pipeline_stagechange
        WHERE kind IN ({_among(STARTS_STAGE)}) GROUP BY opportunity_id
        """,  # noqa: S608 - put together from constants
    )
)
repair("pipeline.closed_at", place=22)(
    Columns(
        TABLE,
        OPPORTUNITY,
        ("closed_at",),
        f"""
        SELECT change.opportunity_id AS id, max(change.at) AS closed_at FROM pipeline_stagechange change
        JOIN pipeline_opportunity sale ON sale.id = change.opportunity_id
        WHERE change.kind IN ({_among(CLOSES)}) AND sale.state IN ({_among(CLOSES)}) GROUP BY change.opportunity_id
        """,  # noqa: S608 - put together from constants
    )
)


@repair("pipeline.evidence", place=51)
def evidence() -> Iterator[Difference]:
    """Report again what opportunities prove about their customers, where something else is on record."""
    wrong = sorted(int(finding.record.rpartition(" ")[2]) for finding in checks.evidence())
    before = _told(wrong)
    report(SYSTEM, list(Opportunity.objects.filter(pk__in=wrong).order_by("pk")), at=clock.now())
    after = _told(wrong)
    for pk in wrong:
        yield Difference(f"{OPPORTUNITY} {pk}", "evidence", before.get(pk, []), after.get(pk, []))


def _told(opportunity_ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = StandingEvidence.objects.filter(subject_model=OPPORTUNITY, subject_id__in=opportunity_ids).order_by("kind")
    for row in rows:
        found.setdefault(row.subject_id, []).append(f"{row.kind} {row.due_on or ''} {row.settled_on or ''}".strip())
    return found
