"""Abnormal deals: each rule at its limit, on either side, and silent where nothing is known."""

import dataclasses
import datetime as dt

import pytest

from funnelstats.abnormal import RULES, Abnormality, DealFacts, History, Limits, abnormal_deals
from funnelstats.durations import Duration
from funnelstats.winrates import WinRate

TODAY = dt.date(2026, 6, 1)
TOO_FEW = WinRate(None, None, None, 5, 1, 1, None, None)
HISTORY = History(
    today=TODAY,
    stage_times={"offer": Duration(10, 25, 80, 60), "new": Duration(None, None, 5, 2)},
    win_rates={
        "offer": WinRate(0.3, 0.22, 0.38, 80, 20, 40, 0.1, 200),
        "new": WinRate(*[None] * 3, 5, 1, 1, None, None),
    },
)
SOUND = DealFacts(
    deal=7,
    stage="offer",
    age_days=50,
    days_in_stage=25,
    quiet_days=30,
    next_step_on=TODAY,
    expected_on=TODAY,
    pushes=2,
    amount=81,
    amount_before=100,
    probability=0.5,
    has_decision_maker=True,
    risk_card="passed",
    hours=20,
    owner_hours=40,
    over_limit=False,
    supply_hold=False,
)


def found(changes, history=HISTORY, **kwargs):
    return list(abnormal_deals([dataclasses.replace(SOUND, **changes)], history, **kwargs))


def test_a_sound_deal_breaks_no_rule_even_at_every_limit():
    assert found({}) == []


@pytest.mark.parametrize(
    ("changes", "rule", "figures", "n"),
    [
        ({"days_in_stage": 26}, "long_in_stage", {"days": 26, "p80": 25}, 80),
        ({"quiet_days": 31}, "no_activity", {"days": 31, "limit": 30}, None),
        ({"quiet_days": None}, "no_activity", {"days": 50, "limit": 30}, None),
        ({"next_step_on": None}, "no_next_step", {"next_step_on": None}, None),
        ({"next_step_on": dt.date(2026, 5, 31)}, "no_next_step", {"next_step_on": dt.date(2026, 5, 31)}, None),
        ({"expected_on": dt.date(2026, 5, 30)}, "date_passed", {"expected_on": dt.date(2026, 5, 30), "days": 2}, None),
        ({"pushes": 3}, "pushed", {"pushes": 3, "limit": 3}, None),
        ({"amount": 75}, "amount_cut", {"before": 100, "now": 75, "cut": 0.25}, None),
        ({"stages_skipped": 1}, "stages_skipped", {"skipped": 1}, None),
        ({"probability": 0.6}, "too_hopeful", {"probability": 0.6, "learned": 0.3, "high": 0.38}, 80),
        ({"has_decision_maker": False}, "no_decision_maker", {}, None),
        ({"risk_card": "expired"}, "risk_card", {"risk_card": "expired"}, None),
        ({"hours": 21}, "takes_the_hours", {"hours": 21, "share": 0.525}, None),
        ({"supply_hold": True}, "credit_trouble", {"over_limit": False, "supply_hold": True}, None),
    ],
)
def test_each_rule_names_its_figures_and_the_history_behind_it(changes, rule, figures, n):
    assert found(changes) == [Abnormality(7, rule, figures, n, TODAY)]


def test_what_is_not_known_is_not_abnormal():
    bare = DealFacts(deal=1, stage="new", age_days=5, days_in_stage=5, next_step_on=TODAY)
    assert list(abnormal_deals([bare], HISTORY)) == []


def test_short_history_judges_nobody():
    assert found({"stage": "new", "days_in_stage": 400, "probability": 0.99}) == []


def test_each_rule_can_be_switched_off_and_each_limit_set():
    changes = {"pushes": 3, "stages_skipped": 2}
    assert [one.rule for one in found(changes)] == ["pushed", "stages_skipped"]
    assert [one.rule for one in found(changes, rules=["pushed"])] == ["pushed"]
    patient = dataclasses.replace(HISTORY, limits=Limits(pushes=4))
    assert [one.rule for one in found(changes, patient)] == ["stages_skipped"]
    with pytest.raises(KeyError):
        found({}, rules=["no_such_rule"])


def test_every_rule_of_the_list_is_there():
    assert len(RULES) == 12
    assert all(rule.__doc__ for rule in RULES.values())
