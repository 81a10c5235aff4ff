"""The parts of a period's forecast: chances by stage and age, seasons, sizes, business still to come, views."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pytest

from funnelstats.forecast.business import arrivals_to_come, expected_orders, orders_to_come, resampled
from funnelstats.forecast.chances import Span, stage_chances, won_within
from funnelstats.forecast.history import Amounts, Curve, Flow, OrderFlow, day_number
from funnelstats.forecast.season import NO_SEASON, places, quarter_of, season_of_arrivals, season_of_wins
from funnelstats.forecast.sizes import NO_DIFFERENCE, sizes
from funnelstats.forecast.views import Needed, RollUp, needed_pipeline, roll_up

FIRST = day_number(dt.date(2023, 1, 1))
# Ten deals: days and outcome 5 lost, 8 won, 10 lost, 12 open, 15 won, 20 lost, 21 won, 25 open, 30 won, 30 open.
WORKED = Curve(
    days=np.array([5.0, 8, 10, 12, 15, 20, 21, 25, 30]),
    won=np.array([0.0, 1, 0, 0, 1, 0, 1, 0, 1]),
    lost=np.array([1.0, 0, 1, 0, 0, 1, 0, 0, 0]),
    undecided=np.array([0.0, 0, 0, 1, 0, 0, 0, 1, 1]),
)


def flow(opened, won=None, lost=None, amount=None):
    opened = np.asarray(opened, dtype=float)
    nothing = np.zeros(len(opened))
    won = nothing if won is None else np.asarray(won, dtype=float)
    return Flow(FIRST, opened, won, nothing if lost is None else lost, won * 10.0 if amount is None else amount)


def test_the_chance_within_a_span_is_the_cumulative_incidence_between_its_days():
    assert won_within(WORKED, Span.plain(31)).value == pytest.approx(0.5083333)
    assert won_within(WORKED, Span.plain(30)).value == pytest.approx(0.3333333)
    assert won_within(WORKED, Span.plain(31, wait=16)).value == pytest.approx(0.5083333 - 0.2166667)
    # The fate of the two that were still open before day 30 is not known.
    assert won_within(WORKED, Span.plain(31)).n == 10 - 3
    assert won_within(WORKED, Span.plain(20)).n == 10 - 1
    assert won_within(Curve(), Span.plain(30)).n == 0
    assert won_within(WORKED, Span.plain(0)).value == 0


def test_a_season_hurries_wins_of_its_days_only():
    pace = np.ones(31)
    pace[8] = 2.0
    hurried = won_within(WORKED, Span(0, 31, pace)).value
    # Day 8: 0.9 x 2/9 instead of 0.9 x 1/9; who is won then cannot be later.
    assert hurried == pytest.approx(0.2 + (0.5083333 - 0.1) * 0.7 / 0.8)


def test_an_old_deal_is_compared_with_those_as_old_and_thin_cells_with_younger_ones():
    fresh = Curve(np.array([10.0]), np.array([60.0]), np.array([40.0]), np.array([0.0]))
    stale = Curve(np.array([10.0]), np.array([1.0]), np.array([9.0]), np.array([0.0]))
    found = stage_chances({"a": [fresh, stale, *[Curve()] * 6]}, Span.plain(30))
    assert found.overall == pytest.approx(0.6)
    assert found.by_stage["a"][0] == pytest.approx(0.6)
    thin = (1 + 20 * 0.6) / (10 + 20)
    assert found.by_stage["a"][1] == pytest.approx(thin)
    assert found.by_stage["a"][2:] == pytest.approx([thin] * 6)
    # Between two landmarks by their distance, beyond the last one as there; an unknown stage has the overall chance.
    assert found.of(["a", "a", "a", "b"], np.array([0.0, 3.5, 9000.0, 5.0])) == pytest.approx(
        [0.6, (0.6 + thin) / 2, thin, 0.6]
    )


def test_nothing_known_is_no_chance_rather_than_an_error():
    assert stage_chances({}, Span.plain(30)).of(["a"], np.array([3.0])).tolist() == [0.0]


def test_weeks_are_counted_from_the_end_of_the_quarter():
    week, weekday = places(day_number(dt.date(2023, 3, 24)), 9)  # a Friday
    assert week.tolist() == [1] + [0] * 7 + [12]
    assert weekday.tolist() == [4, 5, 6, 0, 1, 2, 3, 4, 5]
    assert quarter_of(dt.date(2023, 12, 31)) == (dt.date(2023, 10, 1), dt.date(2024, 1, 1))


def test_a_quarter_end_is_found_where_it_is_and_noise_is_not_taken_for_one():
    random = np.random.default_rng(1)
    days = 730
    week, _ = places(FIRST, days)
    opened = np.full(days, 3.0)
    opened[0] = 30_000.0
    plain = flow(opened, won=random.poisson(3.0, days))
    assert season_of_wins(plain).by_week == pytest.approx(NO_SEASON.by_week)
    hurried = season_of_wins(flow(opened, won=random.poisson(np.where(week < 2, 7.0, 3.0))))
    assert hurried.by_week[:2] == pytest.approx([1.9, 1.9], rel=0.15)
    assert hurried.by_week[2:] == pytest.approx([0.8] * 11, rel=0.25)
    assert hurried.by_weekday == pytest.approx(np.ones(7))


def test_days_without_work_are_found_and_weeks_do_not_suffer():
    random = np.random.default_rng(2)
    _, weekday = places(FIRST, 728)
    found = season_of_arrivals(flow(random.poisson(np.where(weekday < 5, 4.0, 0.2))))
    assert found.by_weekday[5:] == pytest.approx([0.07, 0.07], abs=0.1)
    assert found.by_weekday[:5] == pytest.approx([1.37] * 5, rel=0.1)
    assert found.by_week == pytest.approx(np.ones(13))


def test_growth_is_no_season():
    random = np.random.default_rng(3)
    assert season_of_arrivals(flow(random.poisson(np.linspace(2, 8, 1096)))).by_week == pytest.approx(
        np.ones(13), abs=0.12
    )


def test_large_deals_that_are_won_less_often_get_less_and_noise_next_to_nothing():
    logs = np.linspace(8, 12, 200)
    decided = np.full(200, 20.0)
    rate = 1 / (1 + np.exp(0.8 + 0.4 * (logs - 10)))
    random = np.random.default_rng(4)
    won = random.binomial(20, rate).astype(float)
    found = sizes(Amounts(logs, won, decided - won, won))
    assert found.slope == pytest.approx(-0.4, abs=0.08)
    assert found.of(np.exp(np.array([found.centre, found.centre + 1]))) == pytest.approx([0, found.slope])
    assert found.of(np.array([np.nan, 0.0])).tolist() == [0, 0]
    noise = random.binomial(20, 0.3, 200).astype(float)
    assert abs(sizes(Amounts(logs, noise, decided - noise, noise)).slope) < 0.1
    assert sizes(Amounts(logs[:3], won[:3], decided[:3] - won[:3], won[:3])) == NO_DIFFERENCE


def test_new_business_is_arrivals_times_the_chance_that_is_left():
    """Two deals a day, won on day 20 with a chance of a half: in 42 days, those of the first 22 are won in time."""
    opening = Curve(np.array([20.0]), np.array([50.0]), np.array([50.0]), np.array([0.0]))
    amounts = Amounts(np.array([4.6]), np.array([10.0]), np.array([0.0]), np.array([1000.0]))
    day = FIRST + 364
    coming = arrivals_to_come(flow(np.full(364, 2.0)), opening, amounts, Span.plain(42), day=day)
    assert coming.arrivals == pytest.approx([14.0] * 6)
    assert coming.chances == pytest.approx([0.5, 0.5, 0.5, 0, 0, 0])
    assert coming.mean == pytest.approx(21 * 100)
    # A level known from 112 deals: its squared relative uncertainty is 1 / 112; even counts show no clumping.
    assert coming.shape == pytest.approx(112)


def test_clumped_arrivals_make_the_count_less_certain():
    random = np.random.default_rng(6)
    clumped = random.poisson(np.repeat(random.gamma(4, 1 / 4, 52), 7) * 3.0)
    opening = Curve(np.array([2.0]), np.array([1.0]), np.array([1.0]), np.array([0.0]))
    amounts = Amounts(np.array([0.0]), np.array([1.0]), np.array([0.0]), np.array([1.0]))
    coming = arrivals_to_come(flow(clumped), opening, amounts, Span.plain(91), day=FIRST + 364)
    # A swing of 1/4 a week gives 1/4 x (1/8 + 1/13) beside the level's 1/168.
    assert 1 / coming.shape == pytest.approx(1 / 168 + 0.25 * (1 / 8 + 1 / 13), rel=0.35)


def test_orders_come_at_the_rate_of_the_last_half_year_and_customers_that_there_are():
    orders, customers = np.zeros(400), np.zeros(400)
    customers[0] = 50
    orders[-182:] = 0.5
    found = orders_to_come(
        OrderFlow(FIRST, orders, orders * 100, customers, np.array([100.0]), np.array([91.0])),
        Span.plain(91),
        day=FIRST + 400,
    )
    assert found.wins == pytest.approx(0.5 * 91)
    assert found.mean == pytest.approx(0.5 * 91 * 100)
    assert found.shape == pytest.approx(91)
    assert orders_to_come(None, Span.plain(91), day=FIRST + 400) is None
    assert expected_orders(12.0, np.array([100.0, 300.0]), np.array([1.0, 1.0]), uncertainty=0.04).mean == 2400


def test_a_counted_sample_is_drawn_evenly_and_keeps_its_mean():
    assert resampled(np.array([1.0, 5.0]), np.array([3.0, 1.0])).tolist() == [1, 1, 1, 5]
    worth, counts = np.arange(1.0, 1001), np.full(1000, 7.0)
    drawn = resampled(worth, counts)
    assert len(drawn) == 400
    assert drawn.mean() == pytest.approx(500.5)
    assert np.quantile(drawn, 0.9) == pytest.approx(900, abs=5)
    assert len(resampled(np.array([3.0]), np.array([0.0]))) == 0


def test_categories_roll_up_as_published():
    given = {"closed": 100, "commit": 50, "most_likely": 20, "best_case": 30, "pipeline": 70, "omitted": 999}
    assert roll_up({name: Decimal(amount) for name, amount in given.items()}) == RollUp(
        closed=Decimal(100),
        commit=Decimal(150),
        most_likely=Decimal(170),
        best_case=Decimal(200),
        open_pipeline=Decimal(170),
    )
    with pytest.raises(ValueError, match="unknown forecast categories"):
        roll_up({"hopeful": Decimal(1)})


def test_the_pipeline_that_a_target_needs():
    found = needed_pipeline(1000, booked=300, from_others=100, open_amount=2000, from_open=400)
    assert found == Needed(gap=600, pipeline=3000, coverage=pytest.approx(400 / 600))
    assert needed_pipeline(300, booked=300, from_others=50, open_amount=0, from_open=0) == Needed(0, 0, None)
    assert needed_pipeline(300, booked=0, from_others=0, open_amount=500, from_open=0) == Needed(300, None, None)
