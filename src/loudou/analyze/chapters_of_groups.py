"""Chapters about sales people, teams, products, kinds, sources and customers."""

from __future__ import annotations

from typing import Any

from funnelstats.evidence import Difference
from loudou.analyze import wording
from loudou.analyze.analysis import Analysis
from loudou.analyze.charts import scale_of
from loudou.analyze.numerals import Numerals
from loudou.analyze.questions import Group, GroupRow

ROWS_SHOWN = 40
ROWS_OF_NOISE = 15
"""Where nothing speaks for a difference a long table would only invite to look for one."""

FEWEST_TO_SHOW = 10
"""A percentage of fewer closed deals misleads."""


def groups(found: Analysis, say: Numerals) -> dict[str, Any]:
    """Every group of at least two members: whether they differ, and their rates. A list of orders has none."""
    can_differ = bool(found.outcomes["won"] and found.outcomes["lost"])
    told = {name: group for name, group in found.groups.items() if can_differ and len(group.rows) > 1}
    common = found.zombies.if_left_out.value if found.zombies.count else found.rate.value
    return {
        "groups": [_group(name, group, common, say) for name, group in told.items()],
        "common": say.share(common),
    }


def _group(name: str, group: Group, common: float | None, say: Numerals) -> dict[str, Any]:
    shown = group.rows[: ROWS_OF_NOISE if group.difference.evidence == "none" else ROWS_SHOWN]
    rates = [row.rate for row in shown]
    scale = scale_of(
        [common, *(rate.low for rate in rates), *(rate.high for rate in rates), *(_raw(row) for row in shown)], most=1.0
    )
    return {
        "name": name,
        "title": wording.GROUP_TITLES[name],
        **_evidence(group.difference),
        "forget": group.zombie_difference is not None and group.zombie_difference.evidence == "clear",
        "more": len(group.rows) - len(shown),
        "ticks": scale.ticks(say.plain_share),
        "line": scale.mark(common),
        "rows": [
            {
                "name": row.name, "won": say.number(row.won), "lost": say.number(row.lost),
                "open": say.number(row.open), "raw": say.share(_raw(row)), "value": say.share(row.rate.value),
                "low": say.share(row.rate.low), "high": say.share(row.rate.high),
                "bar": scale.bar(row.rate.low, row.rate.high), "dot": scale.mark(row.rate.value),
                "ring": scale.mark(_raw(row)),
            }
            for row in shown
        ],
    }  # fmt: skip


def _raw(row: GroupRow) -> float | None:
    return row.raw if row.won + row.lost >= FEWEST_TO_SHOW else None


def _evidence(found: Difference) -> dict[str, Any]:
    """Whether there is a difference, and how sure that is."""
    p = found.p_value
    return {"evidence": found.evidence, "p": None if p is None else "< 0.001" if p < 0.001 else f"= {p:.2g}"}  # noqa: PLR2004
