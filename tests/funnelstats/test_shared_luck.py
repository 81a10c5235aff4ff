"""Intervals that count what deals of one quarter share: wider where quarters differ, plain ones where they do not."""

import numpy as np
import pytest

from funnelstats.shared_luck import long_run_rate, stage_win_rates_in_the_long_run
from funnelstats.winrates import win_rate


def rows(rates, deals=100):
    """Cohorts of so many deals, decided on day 10, won at these rates; a few stay open for long."""
    found = []
    for cohort, rate in enumerate(rates):
        won = round(deals * rate)
        found += [(cohort, 10, won, deals - won, 0, 0), (cohort, 40, 0, 0, 10, 0)]
    return found


def test_quarters_that_differ_widen_the_interval_and_leave_the_rate():
    swinging = rows([0.2, 0.4, 0.25, 0.45, 0.15, 0.35, 0.2, 0.4])
    plain = win_rate([row[1:] for row in swinging])
    found = long_run_rate(swinging)
    assert found.value == plain.value
    assert found.high - found.low > 1.8 * (plain.high - plain.low)


def test_the_jackknife_is_the_one_computed_by_hand():
    """Eight cohorts alternate: neighbours go apart, so that seven degrees of freedom remain."""
    swinging = rows([0.2, 0.4] * 4)
    value = 8 * 30 / (8 * 110)
    # On day 10 all 880 are at risk; without one cohort 770 are, of whom 240 - 20 or 240 - 40 were won.
    without = np.array([(240 - 20) / 770, (240 - 40) / 770] * 4)
    scaled = np.log(-np.log(without))
    error = np.sqrt(7 / 8 * np.sum((scaled - scaled.mean()) ** 2))
    found = long_run_rate(swinging)
    assert found.value == pytest.approx(value)
    assert found.low == pytest.approx(value ** np.exp(1.894579 * error), abs=1e-6)
    assert found.high == pytest.approx(value ** np.exp(-1.894579 * error), abs=1e-6)


def test_alike_quarters_and_few_quarters_have_the_plain_interval():
    for given in (rows([0.3] * 8), rows([0.2, 0.4, 0.3])):
        plain, found = win_rate([row[1:] for row in given]), long_run_rate(given)
        assert (found.low, found.high) == (plain.low, plain.high)


def test_too_little_history_stays_too_little():
    assert not long_run_rate(rows([0.3] * 8, deals=1)[:6]).is_enough


def test_stages_are_told_apart():
    given = [("a", *row) for row in rows([0.3] * 8)] + [("b", *row) for row in rows([0.6] * 8)]
    found = stage_win_rates_in_the_long_run(given)
    assert found["b"].value == pytest.approx(2 * found["a"].value)
