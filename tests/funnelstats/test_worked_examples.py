"""The worked examples of docs/algorithms: sales cycle, funnel, accuracy, work order, abnormal deals."""

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.funnelstats.question import ask

from funnelstats.abnormal import DealFacts, History, abnormal_deals
from funnelstats.accuracy import accuracy, crps_sample, pinball, rep_bias
from funnelstats.durations import Duration, sales_cycle
from funnelstats.funnels import cohort_funnel
from funnelstats.totals import total_of_deals
from funnelstats.winrates import WinRate
from funnelstats.workorder import ALL_ROLES, Inflow, Objective, Place, needed_inflow, place, weak_skill

DAY = dt.timedelta(days=1)
JANUARY = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)


def test_sales_cycle():
    ends = {5: "lost", 8: "won", 10: "lost", 12: "open", 15: "won", 20: "lost", 21: "won", 25: "open"}
    rows = [(days, 4 * (end == "won"), 4 * (end == "lost"), 4 * (end == "open")) for days, end in ends.items()]
    found = sales_cycle([*rows, (30, 4, 0, 4)])
    assert (found.to_win.median, found.to_win.p80, found.to_win.horizon) == (21, 30, 30)
    assert (found.to_close.median, found.to_close.p80) == (20, 30)


def test_funnel():
    ways = [
        ([(1, "open"), (2, "open"), (3, "open"), (3, "won")]),
        ([(1, "open"), (3, "open"), (3, "lost")]),
        ([(1, "open"), (2, "open"), (1, "open")]),
        ([(1, "open"), (1, "lost")]),
    ]
    events = [
        (deal, seq, JANUARY + seq * DAY, None, stage, state)
        for deal, way in enumerate(ways, start=1)
        for seq, (stage, state) in enumerate(way)
    ]
    rows = ask(
        "cohort_funnel",
        {
            "stage_events(opportunity_id INT, seq INT, happened_at TIMESTAMPTZ, recorded_at TIMESTAMPTZ, stage_id INT,"
            " state TEXT)": events,
            "opportunities(opportunity_id INT, observed_from TIMESTAMPTZ, amount DECIMAL(18, 2))": [
                (deal, None, Decimal(100)) for deal in range(1, 5)
            ],
            "stages(stage_id INT, process_id INT, ordinal INT)": [(1, 1, 1), (2, 1, 2), (3, 1, 3)],
        },
        as_of=JANUARY + 90 * DAY,
        known_at=JANUARY + 90 * DAY,
    )
    [cohort] = cohort_funnel([tuple(row.values()) for row in rows])
    assert [(one.ordinal, one.reached, one.advanced, one.lost, one.undecided) for one in cohort.stages] == [
        (1, 4, 3, 1, 0), (2, 3, 2, 0, 1), (3, 2, 1, 1, 0),
    ]  # fmt: skip
    assert (cohort.won.hits, cohort.won.n, cohort.is_settled) == (1, 4, False)


def test_accuracy():
    found = accuracy([120, 10, 30, 180], [100, 0, 50, 200])
    assert (found.wape, found.bias) == (pytest.approx(0.20), pytest.approx(-0.0286, abs=5e-5))
    assert [pinball(100, 80, share) for share in (0.1, 0.5, 0.9)] == pytest.approx([2, 10, 18])
    assert crps_sample([1, 2, 3, 4], 2.5) == pytest.approx(0.375)
    assert rep_bias([100] * 4, [70, 72, 68, 75], team_ratio=0.9) == pytest.approx(0.80625)


def test_work_order():
    best = Objective(
        "best", is_fit_confirmed=True, modes=frozenset({"growth"}), roles_covered=ALL_ROLES, win_probability=0.95,
        expected_days=45,
    )  # fmt: skip
    assert place(best, median_cycle_days=90) == Place.BEST_FEW
    assert place(dataclasses.replace(best, expected_days=50), median_cycle_days=90) == Place.IN
    needed = needed_inflow(900_000, 0.3, 50_000, 10)
    assert needed == pytest.approx(6)
    assert Inflow(40, 8, needed).is_dry
    assert not Inflow(48, 8, needed).is_dry
    assert weak_skill({Place.ABOVE: 20, Place.IN: 4}, won=3) == "qualifying"


def test_abnormal_deals():
    today = dt.date(2026, 6, 1)
    history = History(
        today, {"offer": Duration(10, 25, 80, 60)}, {"offer": WinRate(0.3, 0.22, 0.38, 80, 20, 40, 0.1, 200)}
    )
    sound = DealFacts(1, "offer", 26, 25, 0, today, probability=0.5, amount=81, amount_before=100)
    assert list(abnormal_deals([sound], history)) == []
    worse = dataclasses.replace(sound, days_in_stage=26, probability=0.51, amount=80)
    found = {one.rule: (dict(one.figures), one.n) for one in abnormal_deals([worse], history)}
    assert found == {
        "long_in_stage": ({"days": 26, "p80": 25}, 80),
        "amount_cut": ({"before": 100, "now": 80, "cut": pytest.approx(0.2)}, None),
        "too_hopeful": ({"probability": 0.51, "learned": 0.3, "high": 0.38}, 80),
    }


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 1000), st.floats(0, 1)), min_size=1, max_size=12),
    st.floats(0, 1.5),
    st.lists(st.floats(0.001, 0.999), min_size=2, max_size=8),
)
def test_quantiles_of_a_total_never_fall(deals, shock, shares):
    amounts, chances = zip(*deals, strict=True)
    total = total_of_deals(amounts, chances, shock=shock)
    quantiles = [total.quantile(share) for share in sorted(shares)]
    assert quantiles == sorted(quantiles)
    assert quantiles[0] >= 0
    assert quantiles[-1] <= sum(amounts) * (1 + 1e-9)
