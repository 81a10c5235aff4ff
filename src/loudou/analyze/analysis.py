"""Everything that is known of one export, as one value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from funnelstats.durations import Cycle
from funnelstats.evidence import Difference
from funnelstats.winrates import WinRate
from funnelstats.zombies import Zombies
from loudou.analyze import questions
from loudou.analyze.abnormal import Abnormal, abnormal
from loudou.analyze.deals import Deals
from loudou.analyze.findings import Finding, findings
from loudou.analyze.first import First, first
from loudou.analyze.moves import Moves
from loudou.analyze.outlook import Outlook, outlook
from loudou.analyze.stages import Stages, stages
from loudou.analyze.tables import engine_of, moment


@dataclass(frozen=True, slots=True)
class Analysis:
    """The figures of the report, in its order; `currency` is that of all amounts where the files name just one.

    `words` are the stages that were taken for won, lost and open.
    """

    files: tuple[str, ...]
    mapping: Mapping[str, str]
    as_of: dt.date
    currency: str | None
    words: Mapping[str, tuple[str, ...]]
    rows: int
    outcomes: Mapping[str, int]
    findings: tuple[Finding, ...]
    funnel: tuple[questions.StageRow, ...]
    cohorts: tuple[questions.CohortRow, ...]
    zombies: Zombies
    groups: Mapping[str, questions.Group]
    by_age: Difference
    by_quarter_month: Difference
    cycle: Cycle
    moves: Moves | None
    stages: Stages | None
    outlook: Outlook
    abnormal: Abnormal
    first: First

    @property
    def rate(self) -> WinRate:
        """The official win rate of all deals, from opening."""
        return self.zombies.official


def analyze(deals: Deals, files: tuple[str, ...], *, progress: Callable[[str], None] = lambda _step: None) -> Analysis:
    """Ask every question once. `progress` is told what is being done."""
    progress(_("Looking for faults in the data"))
    counted, faults = questions.outcomes(deals), findings(deals)
    progress(_("Computing win rates and times"))
    engine = engine_of(deals)
    as_known = engine.keep("known_events", as_of=moment(deals)).keep("episodes", as_of=moment(deals))
    forgotten, cycle = questions.history(deals, as_known)
    by_stage = stages(deals, as_known)
    groups = questions.groups(deals, as_known)
    found = outlook(
        deals, engine, progress=lambda quarter: progress(_("Forecasting %(quarter)s") % {"quarter": quarter})
    )
    progress(_("Judging open deals"))
    return Analysis(
        files=files,
        mapping=deals.mapping,
        as_of=deals.as_of,
        currency=questions.currency(deals),
        words=questions.words(deals),
        rows=sum(counted.values()),
        outcomes=counted,
        findings=tuple(faults),
        funnel=tuple(questions.funnel(deals)),
        cohorts=tuple(questions.cohorts(deals)),
        zombies=forgotten,
        groups=groups,
        by_age=questions.by_age(deals),
        by_quarter_month=questions.by_quarter_month(deals),
        cycle=cycle,
        moves=deals.moves,
        stages=by_stage,
        outlook=found,
        abnormal=abnormal(deals, cycle, by_stage),
        first=first(deals, engine, found, forgotten.official),
    )
