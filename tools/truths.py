"""Measure estimates on two hundred simulated companies and write docs/algorithms/truth-tests.md."""

from __future__ import annotations

from pathlib import Path

from tests.funnelstats.truths import COPIES, SEED, make, quarter_forecasts, rep_rates, win_rates

from funnelstats.simulation.truth import long_run

OTHER_SEEDS = (77, 101)
PAGE = Path(__file__).resolve().parent.parent / "docs/algorithms/truth-tests.md"


def main() -> None:
    """Measure and write."""
    given = make()
    by_stage, by_rep = long_run(given.companies, copies=COPIES, seed=SEED + 2)
    rates, quarters = win_rates(given, by_stage), quarter_forecasts(given)
    others = "\n".join(_other(seed) for seed in OTHER_SEEDS)
    reps = "\n".join(
        f"| {one.fewest} to {one.most if one.most < 1000 else 'more'} | {one.reps:,} | {one.raw:.4f} | {one.shrunk:.4f} |"
        for one in rep_rates(given, by_rep)
    )
    PAGE.write_text(
        f"""# Truth tests

Written by `python -m tools.truths`; asserted by `tests/funnelstats/test_truth.py`.

An estimate can only be proved where the truth is known. `funnelstats.simulation` lets {len(given.companies)} companies live
for four years: three to six stages with competing hazards of advancing, losing, going back and skipping; reps of unlike
skill; deals and customers of unlike quality; large deals that are won less often; stale deals that slow down; a hurry at
the end of each quarter; arrivals that clump and follow the season; customers who order again; and a market that lifts or
lowers all deals of a quarter together (its standard deviation is between 0.1 and 0.5). Every company is drawn anew; none
of its truth is shown to the estimates. Everything follows from one seed ({SEED}).

| promise | wanted | found |
|---|---|---|
| 90 % intervals of stage win rates cover the long run | 85 to 95 % | {rates.held:.1%} of {rates.intervals:,} |
| P10-P90 of a quarter, on its first day, holds what it brings | 75 to 85 % | {quarters.held:.1%} of {quarters.companies} |
| CRPS of the forecast is below the error of the weighted pipeline | below {quarters.weighted:.3f} | {quarters.model:.3f} |
| ... and below that of the same quarter a year before | below {quarters.naive:.3f} | {quarters.model:.3f} |
| error of P50 alone | below both | {quarters.median_error:.3f} |
| shrunk rates of reps are nearer the truth at every number of deals | all | see below |

CRPS and errors are in parts of what was expected. Of the {quarters.companies} companies' earlier quarters, tested with the
fitted shock (mean {quarters.shock:.2f}), {quarters.tested_before:.1%} were within P10-P90.

## Rates of reps

Mean squared error against the rep's long run.

| closed deals of the rep | reps | raw won / (won + lost) | shrunk |
|---|---|---|---|
{reps}

## Other companies

The same on other seeds, which no estimate was adjusted to:

| seed | win rates covered | quarters held | CRPS | weighted | a year before |
|---|---|---|---|---|---|
{others}

## What had to be mended

- The interval of the plain win rate takes deals as independent. With a market that all share, it held the long run in 71 %
  of cases only. `shared_luck` leaves out each quarter of entry in turn and counts what neighbouring quarters share. The
  first form held 86 % here and 84 % on another seed: part of that was the truth itself, found in too few markets; part that
  a market is felt for two quarters more. Both were mended. The
  plain interval is still right for "how sure is the rate of these very deals".
- Compared with all deals that ever entered its stage, those that moved on included, a stale deal would look too good. It is
  compared with deals that were as old in the same stage (landmarks).
- The shock of the textbook formula lifts small chances. It is centred now: it widens the total and does not move it.
- Twenty thousand small deals were rounded to nothing on the grid of the total.
""",
        encoding="utf-8",
    )


def _other(seed: int) -> str:
    """Line of the table of other seeds."""
    given = make(seed=seed)
    by_stage, _ = long_run(given.companies, copies=COPIES, seed=seed + 2)
    rates, quarters = win_rates(given, by_stage), quarter_forecasts(given)
    scores = " | ".join(f"{one:.3f}" for one in (quarters.model, quarters.weighted, quarters.naive))
    return f"| {seed} | {rates.held:.1%} | {quarters.held:.1%} | {scores} |"


if __name__ == "__main__":
    main()
