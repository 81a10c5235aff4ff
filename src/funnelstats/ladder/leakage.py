"""Nothing of the future may be in a row: checks that run with every training, not only in tests.

A model that has seen the future looks excellent and is worthless. What is refused:

- features that are only known after the close, and the probability somebody typed (`refuse_features`);
- rows that rest on records made after their snapshot, be it of the deal or of its owner's and customer's past
  (`refuse_future`), or that were made from anything else than a rebuild at that moment makes them from (`verify`);
- a deal on both sides of a split, outcomes that were not on record at the origin, test snapshots before it
  (`refuse_split`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

import numpy as np

from funnelstats.ladder.rows import UNKNOWN, Rows

FEATURES = (
    "stage", "age", "days_in_stage", "moves", "back_moves", "skips", "pushes", "days_to_expected", "amount",
    "amount_change", "owner_rate", "customer_rate", "days_to_quarter_end", "activities",
)  # fmt: skip
"""All that a model may use; with the logit of the stage's chance they are fifteen."""
AFTER_THE_CLOSE = frozenset({
    "loss_reason", "lost_to", "won_on", "closed_at", "closed_on", "invoice", "invoice_no", "contract", "outcome",
    "state", "final_amount", "final_stage", "final_expected_on", "probability", "win_probability", "score",
})  # fmt: skip
"""Names that give the outcome away, or are somebody's guess of it."""
TOLERANCE = 1e-6


class LeakFound(ValueError):  # noqa: N818 - reads as what happened
    """A training row knows something that could not be known at its snapshot."""


def refuse_features(names: Collection[str]) -> None:
    """Raise LeakFound for features that tell the outcome, or that nobody has checked for it."""
    telling = sorted(set(names) & AFTER_THE_CLOSE)
    if telling:
        raise LeakFound(f"only known after the close, or a guess of it: {', '.join(telling)}")
    unchecked = sorted(set(names) - set(FEATURES))
    if unchecked:
        raise LeakFound(f"not among the checked features: {', '.join(unchecked)}")


def refuse_future(rows: Rows) -> None:
    """Raise LeakFound for rows that rest on later records, deals counted twice, and weights that are not fair."""
    refuse_features(rows.features)
    for name, newest in (("its own figures", rows.known), ("its owner's or customer's past", rows.past_known)):
        late = newest > rows.snapshot
        if late.any():
            first = int(np.argmax(late))
            deal = rows.opportunities[rows.deal[first]]
            raise LeakFound(f"{int(late.sum())} rows know {name} from later records, such as that of {deal!r}")
    keys = rows.snapshot * (len(rows.opportunities) + 1) + rows.deal
    if len(np.unique(keys)) != len(keys):
        raise LeakFound("a deal stands twice in one snapshot")
    sums = np.bincount(rows.deal, rows.weights, len(rows.opportunities))
    if np.abs(sums[sums > 0] - 1).max(initial=0) > TOLERANCE:
        raise LeakFound("a deal counts more than once")


def refuse_split(train: Rows, test: Rows, *, origin: int) -> None:
    """Raise LeakFound unless training ends, its outcomes included, at the origin where the test begins."""
    if len(train) and int(train.snapshot.max()) + train.horizon > origin:
        raise LeakFound("the horizon of a training row ends after the origin")
    if (train.outcome == UNKNOWN).any() or (test.outcome == UNKNOWN).any():
        raise LeakFound("a row has no outcome yet")
    if len(test) and int(test.snapshot.min()) < origin:
        raise LeakFound("a test row is from before the origin")
    shared = np.intersect1d(train.deal, test.deal)
    if len(shared):
        raise LeakFound(f"{len(shared)} deals are on both sides, such as {train.opportunities[shared[0]]!r}")


def verify(rows: Rows, rebuild: Callable[[int], Rows], moments: Iterable[int]) -> None:
    """Compare rows with those rebuilt from only what was on record at their moment.

    `rebuild` reads one moment from tables that end there. Raises LeakFound naming the feature and a deal where they
    differ: then the row knew more.
    """
    for moment in moments:
        made, again = rows.where(rows.snapshot == moment), rebuild(moment)
        names = {made.opportunities[deal]: place for place, deal in enumerate(made.deal)}
        other = {again.opportunities[deal]: place for place, deal in enumerate(again.deal)}
        if names.keys() != other.keys():
            odd = sorted(map(str, names.keys() ^ other.keys()))[0]
            raise LeakFound(f"whether {odd} was open at {moment} rests on later records")
        order = np.array([other[name] for name in names], dtype=np.int64)
        for feature, column in made.features.items():
            wrong = ~np.isclose(column, again.features[feature][order], rtol=1e-9, atol=TOLERANCE, equal_nan=True)
            if wrong.any():
                deal = list(names)[int(np.argmax(wrong))]
                raise LeakFound(f"{feature} of {deal!r} at {moment} is not what it was then ({int(wrong.sum())} rows)")
        stages = np.array(
            [again.stages[one] != made.stages[two] for one, two in zip(again.stage[order], made.stage, strict=True)]
        )
        if stages.any():
            raise LeakFound(f"stage of {list(names)[int(np.argmax(stages))]!r} at {moment} is not what it was then")
