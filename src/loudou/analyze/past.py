"""The history of stages as the tables that `funnelstats` asks for: `stages` in their order, and `stage_events`.

How a deal ended is what its own row says, on the day it says; the history tells the way there. Between a deal's opening
and the first that the history tells of it, its stage is not known (stage 0), unless the history holds former values:
then it is the one that the first change left, or today's stage where nothing ever changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources

from loudou.analyze.deals import Deals

UNKNOWN = 0
"""Stage of the time before the history begins; it has no place in the order."""

_STATEMENTS = ("named_stages", "starts", "stage_events", "stages")
_LAST = 2**62
"""Number of the last event of a deal, after all rows of any file."""


def make_past(deals: Deals, *, amounts_are_known: bool) -> None:
    """Make the tables `stages` and `stage_events` of the opportunities from `moves`; the view `opportunities` is there.

    `amounts_are_known`: whether today's amount of a closed deal may stand for its former ones (see `tables`).
    """
    moves = deals.moves
    if moves is None:
        raise ValueError("without a history of stages there is no past to make")
    given = {
        "as_of": f"DATE '{deals.as_of}'", "begins_on": f"DATE '{moves.begins_on}'", "last": _LAST,
        "is_of_changes": moves.is_of_changes, "has_amounts": moves.has_amounts, "has_dates": moves.has_dates,
        "is_known": amounts_are_known,
    }  # fmt: skip
    for name in _STATEMENTS:
        deals.engine.execute(_statement(name, given))


def _statement(name: str, given: Mapping[str, object]) -> str:
    text = resources.files("loudou.analyze").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return re.sub(r"\$(\w+)", lambda found: str(given[found[1]]), text[text.index("CREATE") :])
