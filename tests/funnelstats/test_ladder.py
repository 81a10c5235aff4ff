"""The ladder: rungs that say what they should, later deals as judges, reasons that can be checked by hand."""

import dataclasses
import datetime as dt
import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import special
from tests.funnelstats.worlds import START, companies, engine_of

from funnelstats.calibration import assess_in_bins
from funnelstats.forecast.history import Curve
from funnelstats.ladder import chances_now, climb
from funnelstats.ladder.climbing import _kinds, _sample
from funnelstats.ladder.evaluation import Origin, Scores, judge, scores, split, windows
from funnelstats.ladder.learned import COLUMNS, calibrate, fit_boosting, fit_logistic, matrix
from funnelstats.ladder.reasons import Reason, reasons, usual_deal
from funnelstats.ladder.rows import DAY, LOST, OPEN, UNKNOWN, WEEK, WON, Rows
from funnelstats.ladder.rungs import StageRung, base_rate, frequency_rung
from funnelstats.simulation import simulate

ROOT = Path(__file__).resolve().parents[2]
AS_OF = dt.datetime(2024, 12, 30, tzinfo=dt.UTC)
FEATURES = {
    "stage": 0.5, "age": 30.0, "days_in_stage": 10.0, "moves": 1.0, "back_moves": 0.0, "skips": 0.0, "pushes": 0.0,
    "days_to_expected": 20.0, "amount": 0.0, "amount_change": 0.0, "owner_rate": 0.3, "customer_rate": 0.3,
    "days_to_quarter_end": 45.0, "activities": 0.0,
}  # fmt: skip
FLAT = StageRung({}, 90)


def made(count, outcome, *, snapshot=0, deal=None, **features):
    """Rows of two stages of one process, all alike but for what is given."""
    given = {name: np.asarray(features.get(name, value), dtype=float) for name, value in FEATURES.items()}
    filled = {name: np.broadcast_to(column, count).copy() for name, column in given.items()}
    deals = np.arange(count) if deal is None else np.asarray(deal)
    return Rows(
        opportunities=tuple(f"deal {number}" for number in range(int(deals.max()) + 1)),
        stages=("first", "second"),
        processes=("a", "a"),
        snapshot=np.broadcast_to(np.asarray(snapshot, dtype=np.int64), count).copy(),
        deal=deals,
        stage=np.where(filled["stage"] > 0.5, 1, 0),
        features=filled,
        outcome=np.broadcast_to(np.asarray(outcome, dtype=np.int64), count).copy(),
        outcome_known=np.zeros(count, dtype=np.int64),
        known=np.zeros(count, dtype=np.int64),
        past_known=np.zeros(count, dtype=np.int64),
        probability=np.full(count, np.nan),
        owners=("ann", "bob"),
        owner=np.arange(count) % 2,
        bought=np.zeros(count, dtype=np.int64),
        horizon_days=90,
    )


def test_the_stage_rung_is_the_chance_of_deals_as_old_in_the_same_stage():
    fresh = Curve(np.array([30.0]), np.array([300.0]), np.array([700.0]), np.array([0.0]))
    rung = StageRung({"first": [fresh, *[Curve()] * 7]}, 90)
    assert rung.chances(made(2, OPEN, days_in_stage=0)) == pytest.approx([0.3, 0.3])
    assert rung.chances(made(1, OPEN, stage=1.0)) == pytest.approx([0.3])  # a stage without history: all deals


def test_the_base_rate_counts_deals_and_not_weeks():
    rows = made(10, [WON] * 9 + [LOST], deal=[0] * 9 + [1])
    assert base_rate(rows, rows.outcome).rate == pytest.approx((1 + 1) / (2 + 2))


def test_the_frequency_rung_counts_each_decided_deal_once_as_it_stood_last():
    """Ann won three of four, Bob one of four, everything else alike: Odoo's shares with 0.1 in each cell."""
    outcome = [WON, WON, WON, LOST, LOST, WON, LOST, LOST]
    rows = dataclasses.replace(made(8, outcome), owner=np.array([0, 1, 0, 1, 0, 0, 1, 1]))
    twice = made(16, np.repeat(outcome, 2), deal=np.repeat(np.arange(8), 2), snapshot=[0, WEEK] * 8)
    twice = dataclasses.replace(twice, owner=np.repeat(rows.owner, 2))
    for learned in (rows, twice):
        rung = frequency_rung(learned, learned.outcome, 0.5)
        ann, bob = rung.chances(dataclasses.replace(made(2, OPEN), owner=np.array([0, 1])))
        odds = (3.1 / 4.2) / (1.1 / 4.2)
        assert ann / (1 - ann) == pytest.approx(odds)
        assert bob / (1 - bob) == pytest.approx(1 / odds)


def test_a_frequency_table_that_knows_no_loss_falls_back_to_the_base_rate():
    rows = made(4, WON)
    assert frequency_rung(rows, rows.outcome, 0.4).chances(rows) == pytest.approx([0.4] * 4)


def planted(count, seed=1):
    """Deals whose outcome follows the owner's rate and the pushes, and nothing else."""
    random = np.random.default_rng(seed)
    rate, pushes = random.uniform(0.1, 0.6, count), random.poisson(1.0, count)
    chance = special.expit(2.0 * (special.logit(rate) - special.logit(0.3)) - 1.2 * np.log1p(pushes))
    won = random.random(count) < chance
    lost = random.random(count) < 0.7
    outcome = np.where(won, WON, np.where(lost, LOST, OPEN))
    return made(count, outcome, owner_rate=rate, pushes=pushes, snapshot=np.arange(count) * 60), chance


def test_the_logistic_rung_finds_what_moves_deals_and_leaves_the_rest():
    rows, chance = planted(3000)
    rung = fit_logistic(rows, rows.outcome, FLAT)
    assert np.corrcoef(rung.chances(rows), chance)[0, 1] > 0.98
    assert np.abs(rung.chances(rows) - chance).mean() < 0.03
    weights = dict(zip(COLUMNS, np.abs(rung.model.coef_).max(axis=0), strict=True))
    assert min(weights["owner_rate"], weights["pushes"]) > 10 * max(weights["age"], weights["amount"])


def test_what_is_not_known_is_as_in_the_average_deal():
    rows, _ = planted(1000)
    amounts = np.where(np.arange(1000) % 2, np.nan, rows.features["amount"])
    rows = dataclasses.replace(rows, features={**rows.features, "amount": amounts})
    chances = fit_logistic(rows, rows.outcome, FLAT).chances(rows)
    assert np.isfinite(chances).all()


def test_the_boosted_rung_rises_with_the_stage_falls_with_age_and_is_calibrated():
    rows, chance = planted(3000)
    rung = fit_boosting(rows, rows.outcome, FLAT, seed=1)
    assert np.corrcoef(rung.chances(rows), chance)[0, 1] > 0.9
    later, truth = planted(3000, seed=2)
    assert assess_in_bins(rung.chances(later), later.outcome == WON).expected_error < 0.04
    assert np.abs(rung.chances(later) - truth).mean() < 0.08
    older = made(50, OPEN, age=np.linspace(1, 300, 50))
    assert (np.diff(rung.chances(older)) <= 1e-12).all()
    further = made(20, OPEN, stage=np.linspace(0.05, 1, 20))
    assert (np.diff(rung.chances(further)) >= -1e-12).all()
    again = fit_boosting(rows, rows.outcome, FLAT, seed=1)
    assert np.array_equal(again.chances(later), rung.chances(later))


def test_figures_that_no_deal_had_are_not_learned_from():
    """Exports without expected dates: the trees once failed on a column that is empty throughout."""
    rows, _ = planted(600)
    empty = dataclasses.replace(rows, features={**rows.features, "days_to_expected": np.full(len(rows), np.nan)})
    rung = fit_boosting(empty, empty.outcome, FLAT, seed=1)
    soon, late = made(1, OPEN, days_to_expected=1), made(1, OPEN, days_to_expected=150)
    assert rung.chances(soon) == pytest.approx(rung.chances(late), abs=1e-12)
    assert 0 < rung.chances(soon)[0] < 1


def test_a_calibration_mends_chances_that_are_too_sure():
    random = np.random.default_rng(5)
    logits = random.normal(0, 1, 4000)
    won = (random.random(4000) < special.expit(logits)).astype(int)
    too_sure = special.expit(2 * logits)
    for deals, method in ((4000, "isotonic"), (900, "sigmoid")):
        found = calibrate(too_sure[:deals], won[:deals], np.ones(deals))
        assert found.method == method
        assert np.abs(found.of(too_sure) - special.expit(logits)).mean() < 0.03
        assert (np.diff(found.of(np.linspace(0, 1, 101))) >= 0).all()
    assert calibrate(too_sure[:10], np.ones(10, dtype=int), np.ones(10)).of(np.array([0.3])) == pytest.approx([0.3])


def test_there_are_fifteen_figures_and_none_grows_without_limit():
    rows = made(1, OPEN, days_to_expected=9999, amount=50, age=5000)
    figures = matrix(rows, FLAT)
    assert figures.shape == (1, 15)
    assert np.abs(figures).max() <= 180


class Additive:
    """A rung whose chance is a sum that anybody can follow."""

    name, uses = "additive", ("age", "pushes", "amount", "owner_rate")

    def chances(self, rows):
        told = rows.features
        return (
            0.5
            - 0.001 * told["age"]
            - 0.05 * told["pushes"]
            + 0.1 * np.nan_to_num(told["amount"])
            + told["owner_rate"] / 10
        )


def test_reasons_are_what_changes_when_a_figure_is_put_to_what_is_usual():
    usual = usual_deal(made(9, OPEN, age=np.arange(9) * 10, owner_rate=0.3))
    assert usual.figures["age"] == 40
    rows = made(2, OPEN, age=[240, 40], pushes=[3, 0], amount=[1.0, np.nan], owner_rate=0.3)
    strong, plain = reasons(Additive(), rows, usual)
    assert strong == (
        Reason("age", 240.0, 40.0, pytest.approx(-0.2)),
        Reason("pushes", 3.0, 0.0, pytest.approx(-0.15)),
        Reason("amount", 1.0, 0.0, pytest.approx(0.1)),
    )
    assert plain == ()


def test_the_stage_is_compared_with_the_middle_one_of_its_process_its_own_chance_included():
    def curve(won):
        return [Curve(np.array([30.0]), np.array([won]), np.array([1000.0 - won]), np.array([0.0])), *[Curve()] * 7]

    rung = StageRung({"first": curve(100.0), "second": curve(800.0)}, 90)
    usual = usual_deal(made(5, OPEN, stage=[0.5, 0.5, 0.5, 1.0, 1.0]))
    [(reason, *_)] = reasons(rung, made(1, OPEN, stage=1.0, days_in_stage=0), usual)
    assert (reason.feature, reason.value, reason.usual) == ("stage", 1.0, 0.5)
    assert reason.effect == pytest.approx(700 / 1020)  # twenty deals as all were are mixed in


def test_the_frequency_table_names_the_owner():
    outcome = [WON, WON, WON, LOST, LOST, WON, LOST, LOST]
    rows = dataclasses.replace(made(8, outcome), owner=np.array([0, 1, 0, 1, 0, 0, 1, 1]))
    rung = frequency_rung(rows, rows.outcome, 0.5)
    [(reason, *_)] = reasons(rung, made(1, OPEN), usual_deal(rows))
    assert (reason.feature, reason.value, reason.usual) == ("owner", "ann", None)
    assert reason.effect == pytest.approx(float(rung.chances(made(1, OPEN))[0]) - 0.5, abs=0.01)


def weekly(weeks, outcome=OPEN):
    return made(weeks, outcome, snapshot=np.arange(weeks) * WEEK)


def test_origins_lie_in_the_later_history_and_their_horizons_end_within_it():
    rows = weekly(120)
    rows.outcome[-13:] = UNKNOWN
    found = windows(rows)
    assert len(found) == 4
    assert found[0][0] > rows.snapshot[0] + rows.horizon
    assert all(end == start for (_, end), (start, _) in itertools.pairwise(found))
    assert found[-1][1] == rows.snapshot[-14] + WEEK
    assert windows(weekly(12)) == []


def test_between_training_and_test_lies_the_horizon_and_no_deal_is_on_both_sides():
    rows = dataclasses.replace(weekly(60), deal=np.arange(60) // 20)
    at = int(rows.snapshot[45])
    train, test, left_out = split(rows, at, int(rows.snapshot[55]))
    assert train.snapshot.max() + 90 * DAY <= at
    assert (test.snapshot >= at).all()
    assert set(train.deal) == {0, 1}
    assert set(test.deal) == {2}
    assert left_out == 0
    early = split(rows, int(rows.snapshot[38]), int(rows.snapshot[42]))
    assert (set(early[0].deal), set(early[1].deal), early[2]) == ({0, 1}, {2}, 1)


def trial(**briers):
    return Origin(0, 1, 1, 0, {name: Scores(value, value) for name, value in briers.items()}, {})


def test_a_rung_is_used_where_it_beats_the_best_simpler_one_at_three_of_four_origins():
    good = [trial(base=0.3, stage=0.2, logistic=0.15, boosting=0.14)] * 2
    mixed = [
        trial(base=0.3, stage=0.2, logistic=0.15, boosting=0.16),
        trial(base=0.3, stage=0.2, logistic=0.25, boosting=0.14),
    ]
    verdicts, used = judge([*good, *mixed], "stage")
    assert used == "boosting"
    assert [(one.rung, one.against, one.better_at, one.is_used) for one in verdicts] == [
        ("logistic", "stage", 3, True),
        ("boosting", "logistic", 3, True),
    ]
    assert judge([*good, mixed[1], mixed[1]], "stage")[1] == "boosting"
    assert judge(good, "stage")[1] == "stage"  # two origins prove nothing
    assert judge([], "stage") == ((), "stage")


def test_both_scores_have_to_be_better():
    assert not Scores(0.1, 0.5).beats(Scores(0.2, 0.4))
    assert not Scores(0.2, 0.3).beats(Scores(0.2, 0.4))
    assert Scores(0.1, 0.3).beats(Scores(0.2, 0.4))


def test_scores_count_every_deal_once():
    found = scores(np.array([0.9, 0.9, 0.2]), np.array([1, 1, 1]), np.array([0.5, 0.5, 1.0]))
    assert found.brier == pytest.approx((0.01 + 0.64) / 2)
    assert found.log_loss == pytest.approx(-(np.log(0.9) + np.log(0.2)) / 2)


def test_rungs_come_with_the_size_of_the_history():
    assert _kinds(10, 5, 5) == {"base", "stage"}
    assert _kinds(50, 20, 30) == {"base", "stage", "frequency"}
    assert _kinds(150, 50, 100) == {"base", "stage", "frequency", "logistic"}
    assert _kinds(900, 300, 600) == {"base", "stage", "logistic"}
    assert _kinds(1500, 150, 1350) == {"base", "stage", "logistic"}
    assert _kinds(1500, 500, 1000) == {"base", "stage", "logistic", "boosting"}


def test_beyond_twenty_thousand_opportunities_a_fixed_share_is_read():
    assert _sample(20_000) == ("g", 1.0)
    below, share = _sample(1_000_000)
    assert share == pytest.approx(0.02, rel=0.01)
    assert int(below, 16) / 16 ** len(below) == pytest.approx(share)


@pytest.fixture(scope="module")
def company():
    [one] = companies(1, seed=31, market_sd=0.0)
    return dataclasses.replace(one, weekly_arrivals=10.0, quality_sd=0.7, skills=(-0.9, -0.5, 0.0, 0.5, 0.9))


@pytest.fixture(scope="module")
def climbed(company):
    engine = engine_of(simulate([company], start=START, days=1096, seed=32))
    return climb(engine, AS_OF), engine


def test_a_better_rung_is_found_on_a_company_whose_reps_differ(climbed):
    ladder, _ = climbed
    trials = ladder.evaluation.origins
    assert len(trials) == 4
    assert all(one.scores["stage"].beats(one.scores["base"]) for one in trials)
    assert ladder.rung.name in {"logistic", "boosting"}
    assert next(one for one in ladder.evaluation.verdicts if one.rung == "logistic").better_at >= 3
    assert ladder.closed > 1000
    assert ladder.share == 1
    # The rep's own probability stands beside: it speaks of ever, not of ninety days, and is optimistic.
    assert all(one.scores[ladder.rung.name].beats(one.rep["rep"]) for one in trials)


def test_its_chances_are_honest_on_deals_it_has_not_seen(climbed):
    found = climbed[0].reliability
    assert found.n > 300
    assert found.skill > 0.25
    assert found.expected_error < 0.06
    assert sum(one.low - 0.03 <= one.forecast <= one.high + 0.03 for one in found.bins) >= len(found.bins) - 2
    assert np.abs([z for z in climbed[0].drifts if z is not None]).mean() < 2.5


def test_open_deals_have_chances_with_reasons(climbed, company):
    ladder, engine = climbed
    deals = chances_now(ladder, engine, AS_OF)
    assert len(deals) > 30
    assert all(0 < deal.chance < 1 for deal in deals)
    assert all(len(deal.reasons) <= 3 for deal in deals)
    assert {reason.feature for deal in deals for reason in deal.reasons} & {"stage", "owner_rate", "days_in_stage"}
    assert all(abs(one.effect) >= 0.005 for deal in deals for one in deal.reasons)
    strengths = [[abs(one.effect) for one in deal.reasons] for deal in deals]
    assert all(one == sorted(one, reverse=True) for one in strengths)


def test_a_short_history_stays_on_the_stage_rung_and_says_why(company):
    small = dataclasses.replace(company, weekly_arrivals=2.0)
    engine = engine_of(simulate([small], start=START, days=200, seed=33))
    at = dt.datetime(2022, 7, 18, tzinfo=dt.UTC)
    ladder = climb(engine, at)
    assert ladder.rung.name == "stage"
    assert not ladder.evaluation.is_enough
    assert ladder.reliability is None or ladder.reliability.n < 200
    assert len(chances_now(ladder, engine, at)) > 0


def test_without_any_opportunity_there_is_no_ladder(company):
    engine = engine_of(simulate([company], start=START, days=100, seed=33))
    assert climb(engine, dt.datetime(2021, 1, 1, tzinfo=dt.UTC)) is None


def test_scikit_learn_is_not_imported_until_a_learned_rung_is_fitted():
    code = (
        "import sys, funnelstats, funnelstats.ladder, funnelstats.forecast, funnelstats.simulation;"
        "assert not [name for name in sys.modules if name.split('.')[0] in {'sklearn', 'pandas', 'duckdb'}]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": "src"}, cwd=ROOT)
