"""The work order: places by predicates, the order that keeps the top of the funnel fed."""

import dataclasses

import pytest

from funnelstats.workorder import (
    ALL_ROLES,
    Inflow,
    Objective,
    Place,
    Situation,
    needed_inflow,
    place,
    red_flags,
    weak_skill,
    work_order,
)

BEST = Objective(
    key="best",
    has_hint=True,
    is_fit_confirmed=True,
    modes=frozenset({"growth"}),
    roles_covered=ALL_ROLES,
    win_probability=0.95,
    expected_days=40,
    value=100,
)
IN = Objective(key="in", has_hint=True, is_fit_confirmed=True, modes=frozenset({"trouble"}), win_probability=0.5)
ABOVE = Objective(key="above", has_hint=True)
UNIVERSE = Objective(key="universe")


def where(objective):
    return place(objective, median_cycle_days=90)


def test_best_few_come_first_and_the_middle_last():
    order = [objective.key for _, objective in work_order([IN, BEST, UNIVERSE, ABOVE], median_cycle_days=90)]
    assert order == ["best", "universe", "above", "in"]


@pytest.mark.parametrize(
    "change",
    [
        {"expected_days": 50},
        {"expected_days": None},
        {"win_probability": 0.89},
        {"win_probability": None},
        {"red_flags": 1},
        {"roles_covered": ALL_ROLES - {"coach"}},
    ],
)
def test_one_condition_short_is_not_best(change):
    assert where(BEST) == Place.BEST_FEW
    assert where(dataclasses.replace(BEST, **change)) == Place.IN


def test_a_contented_buyer_does_not_bring_it_into_the_funnel():
    assert where(dataclasses.replace(IN, modes=frozenset({"even_keel", "overconfident"}))) == Place.ABOVE


def test_within_a_place_the_better_paid_hour_comes_first():
    rich = dataclasses.replace(BEST, key="rich", value=500, hours=10)
    quick = dataclasses.replace(BEST, key="quick", value=100, hours=1)
    assert [o.key for _, o in work_order([rich, quick], median_cycle_days=90)] == ["quick", "rich"]


def test_the_inflow_that_the_quota_asks_for():
    assert needed_inflow(1_000_000, 0.25, 100_000, 10) == pytest.approx(4)
    assert needed_inflow(-5, 0.25, 100_000, 10) == 0
    assert needed_inflow(1_000_000, 0, 100_000, 10) is None


def test_the_weak_skill_is_where_objectives_pile_up():
    assert weak_skill({Place.ABOVE: 20, Place.IN: 2, Place.BEST_FEW: 1}, won=1) == "qualifying"
    assert weak_skill({Place.ABOVE: 5, Place.IN: 12, Place.BEST_FEW: 1}, won=1) == "advancing"
    assert weak_skill({Place.ABOVE: 5, Place.IN: 5, Place.BEST_FEW: 9}, won=0) == "closing"
    assert weak_skill({Place.ABOVE: 5, Place.IN: 5, Place.BEST_FEW: 3}, won=2) is None


def test_the_alarm_rings_when_less_comes_in_than_the_quota_needs():
    needed = needed_inflow(1_000_000, 0.25, 100_000, 10)
    assert Inflow(entered=15, weeks=4, needed=needed).is_dry
    assert not Inflow(entered=16, weeks=4, needed=needed).is_dry
    assert not Inflow(entered=0, weeks=4, needed=None).is_dry


def test_red_flags_are_named():
    sound = Situation(roles_covered=ALL_ROLES, days_since_contact=30, pushes=1, has_next_step=True, lowest_rating=0)
    assert red_flags(sound) == ()
    assert red_flags(Situation()) == ("role_missing", "not_contacted", "no_next_step")
    worse = dataclasses.replace(sound, decider_mode="even_keel", lowest_rating=-1, pushes=2, owner_changed=True)
    assert red_flags(worse) == ("decider_content", "bad_rating", "date_pushed", "owner_changed")


def test_an_expected_close_after_half_the_cycle_is_not_near():
    """The published example: 50 days to go of a cycle of 90 is not one of the best few."""
    assert where(dataclasses.replace(BEST, expected_days=45)) == Place.BEST_FEW
    assert where(dataclasses.replace(BEST, expected_days=50)) == Place.IN
