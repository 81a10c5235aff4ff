"""Commission follows cash: the published example, and what holds for any history of an order."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnelstats.commission import CashEvent, CommissionEntry, CommissionTerms, commission_ledger

HALF_AT_BOOKING = CommissionTerms(rate=Decimal("0.1"), at_booking=Decimal("0.5"))
ORDER = Decimal(10_000)


def money(*changes: tuple[str, int]) -> list[CashEvent]:
    return [CashEvent(kind, Decimal(amount)) for kind, amount in changes]  # type: ignore[arg-type]


def amounts(entries: tuple[CommissionEntry, ...]) -> list[tuple[int, int]]:
    return [(entry.cause, int(entry.amount)) for entry in entries]


def test_half_at_booking_and_half_with_the_cash_golden_g22() -> None:
    paid = commission_ledger(ORDER, money(("receipt", 5_000), ("receipt", 5_000)), HALF_AT_BOOKING)
    assert amounts(paid) == [(0, 500), (1, 250), (2, 250)]


def test_what_is_written_off_takes_the_part_paid_at_booking_back_golden_g22() -> None:
    lost = commission_ledger(ORDER, money(("receipt", 5_000), ("write_off", 5_000)), HALF_AT_BOOKING)
    assert amounts(lost) == [(0, 500), (1, 250), (2, -250)]
    assert sum(entry.amount for entry in lost) == Decimal("0.1") * 5_000


def test_a_late_recovery_pays_what_the_write_off_took_and_the_cash_part() -> None:
    events = money(("receipt", 5_000), ("write_off", 5_000), ("receipt", 2_000))
    assert amounts(commission_ledger(ORDER, events, HALF_AT_BOOKING)) == [(0, 500), (1, 250), (2, -250), (3, 200)]


def test_a_refund_takes_back_its_cash_part_only_while_the_debt_is_open() -> None:
    events = money(("receipt", 10_000), ("refund", 4_000))
    assert amounts(commission_ledger(ORDER, events, HALF_AT_BOOKING)) == [(0, 500), (1, 500), (2, -200)]


def test_what_is_held_back_comes_with_the_last_payment() -> None:
    terms = CommissionTerms(rate=Decimal("0.1"), holdback=Decimal("0.2"))
    events = money(("receipt", 9_000), ("receipt", 1_000))
    assert amounts(commission_ledger(ORDER, events, terms)) == [(1, 720), (2, 280)]


def test_money_beyond_the_order_earns_nothing() -> None:
    assert amounts(commission_ledger(ORDER, money(("receipt", 12_000)), CommissionTerms(Decimal("0.1")))) == [
        (1, 1_000)
    ]


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        (money(("refund", 1)), "cannot be paid back"),
        (money(("write_off", 10_001)), "10000 is owed"),
        (money(("receipt", -1)), "its kind says the direction"),
    ],
)
def test_impossible_money_is_refused(events: list[CashEvent], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        commission_ledger(ORDER, events, HALF_AT_BOOKING)


def test_a_share_beyond_the_whole_is_refused() -> None:
    with pytest.raises(ValueError, match="holdback must lie between 0 and 1"):
        CommissionTerms(Decimal("0.1"), holdback=Decimal(2))


SHARES = st.decimals(0, 1, places=3)


@given(
    cents=st.integers(0, 10**9),
    cuts=st.lists(st.integers(0, 10**9), max_size=6),
    terms=st.builds(CommissionTerms, rate=SHARES, at_booking=SHARES, holdback=SHARES),
    last=st.sampled_from(["receipt", "write_off"]),
)
def test_closed_orders_pay_the_rate_of_the_cash_to_the_cent(
    cents: int, cuts: list[int], terms: CommissionTerms, last: str
) -> None:
    ordered = Decimal(cents).scaleb(-2)
    places = sorted(min(cut, cents) for cut in cuts)
    parts = [Decimal(end - start).scaleb(-2) for start, end in zip([0, *places], [*places, cents], strict=True)]
    events = [CashEvent("receipt", part) for part in parts[:-1]] + [CashEvent(last, parts[-1])]  # type: ignore[arg-type]
    collected = sum(parts) if last == "receipt" else sum(parts[:-1], Decimal(0))
    total = sum((entry.amount for entry in commission_ledger(ordered, events, terms)), Decimal(0))
    assert abs(total - terms.rate * collected) <= Decimal("0.005")
