"""Cost to serve: the worked table of the lab, to the cent."""

from decimal import Decimal

import pytest

from funnelstats.profit import NetProfit, capacity_rate, cost_to_serve, financing_cost


def test_the_rate_of_a_minute_is_the_cost_of_practical_capacity():
    assert capacity_rate(Decimal(60_000), 4, Decimal(8_000)) == Decimal("2.34375")


def test_work_is_paid_by_the_minute():
    rate = capacity_rate(Decimal(60_000), 4, Decimal(8_000))
    assert round(cost_to_serve([(Decimal(12), 10), (Decimal(90), 3)], rate), 2) == Decimal("914.06")


def test_without_people_there_is_no_rate():
    with pytest.raises(ValueError, match="nobody works"):
        capacity_rate(Decimal(60_000), 0, Decimal(8_000))


def test_net_profit_takes_every_cost_off():
    waiting = financing_cost(Decimal(100_000), Decimal("0.0730"), 90)
    assert waiting == Decimal("1800")
    assert NetProfit(Decimal(5_000), Decimal("914.06"), Decimal(500), waiting).value == Decimal("1785.94")
