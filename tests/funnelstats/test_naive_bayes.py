"""The frequency-table rung: three published cases, and silence where there is nothing to count."""

import pytest

from funnelstats.naive_bayes import ClosedDeal, frequency_table


def deal(country, state, source, stage, *, won=False):
    return ClosedDeal(stage, {"country": country, "state": state, "source": source}, won)


PUBLISHED = {
    "team 1": ([deal(0, 0, 0, 0), deal(1, 1, 1, 1), deal(2, 2, 2, 2, won=True)], 33.49),
    "team 2": ([deal(0, 1, 1, 2), deal(0, 1, 2, 1), deal(0, 2, 2, 2, won=True)], 7.74),
    "team 3": ([deal(1, 1, 1, 2, won=True), deal(0, 1, 0, 0), deal(1, 2, 2, 0)], 35.09),
}


@pytest.mark.parametrize("team", PUBLISHED)
def test_published_scores_are_reproduced(team):
    history, score = PUBLISHED[team]
    asked = {"country": 0, "state": 1, "source": 2}
    assert round(100 * frequency_table(history, stages=4).probability(1, asked), 2) == score


def test_values_that_never_occurred_say_nothing():
    table = frequency_table(PUBLISHED["team 1"][0], stages=4)
    assert table.probability(1, {"country": 99}) == table.probability(1, {})


def test_without_a_win_or_without_a_loss_there_is_no_score():
    assert frequency_table([deal(0, 0, 0, 0)], stages=4).probability(0, {}) is None
    assert frequency_table([deal(0, 0, 0, 0, won=True)], stages=4).probability(0, {}) is None
    assert frequency_table([], stages=4).probability(0, {}) is None
