"""Days to pay and expected cash: open items count, members keep their habits, bands hold what they promise."""

import csv
import datetime as dt
from pathlib import Path

import lifelines
import numpy as np
import pytest
from tests.funnelstats.question import ask

from funnelstats.cash import expected_cash, payment_curve

TODAY = dt.date(2026, 6, 15)
INSTALMENTS = "instalments(instalment_id INT, member TEXT, issued_on DATE, due_on DATE, amount DECIMAL(18, 2))"
PAYMENTS = "payments(instalment_id INT, paid_on DATE, amount DECIMAL(18, 2))"
INVOICES = Path(__file__).resolve().parents[3] / "shared" / "data" / "ar_ibm" / "WA_Fn-UseC_-Accounts-Receivable.csv"


def curve_of(instalments, payments, as_of=TODAY):
    rows = ask("days_to_pay", {INSTALMENTS: instalments, PAYMENTS: payments}, as_of=as_of)
    return payment_curve(tuple(row.values()) for row in rows), rows


def test_each_part_of_an_instalment_ends_on_its_own_day():
    due = dt.date(2026, 6, 1)
    instalments = [
        (1, "a", dt.date(2026, 5, 2), due, 100),
        (2, "b", None, due, 50),
        (3, "b", None, due, -20),  # a credit note is nothing to wait for
        (4, "b", dt.date(2026, 7, 1), dt.date(2026, 7, 31), 70),  # not issued yet
    ]
    payments = [(1, dt.date(2026, 5, 30), 40), (1, dt.date(2026, 6, 11), 30), (2, dt.date(2026, 6, 20), 50)]
    _, rows = curve_of(instalments, payments)
    assert [tuple(row.values()) for row in rows] == [
        ("a", -31, 0, 0, 100),
        ("a", -2, 40, 0, 0),
        ("a", 10, 30, 0, 0),
        ("a", 14, 0, 30, 0),
        ("b", 14, 0, 50, 0),
    ]


def payers(delays, amount=100, issued=30, since=dt.date(2026, 1, 1)):
    instalments, payments = [], []
    for number, (member, delay) in enumerate(delays):
        due = since + dt.timedelta(days=number % 20)
        instalments.append((number, member, due - dt.timedelta(days=issued), due, amount))
        if delay is not None:
            payments.append((number, due + dt.timedelta(days=delay), amount))
    return instalments, payments


def test_what_is_open_makes_the_median_longer():
    paid = [("a", delay) for delay in range(0, 40, 2)]
    quick, _ = curve_of(*payers(paid))
    slow, _ = curve_of(*payers(paid + [("a", None)] * 20))
    assert quick.median == 18
    assert slow.median == 38
    assert quick.is_enough
    assert quick.paid_within(2, 17) == pytest.approx(
        1 / 11
    )  # of eleven that are unpaid after day 17 one pays on day 18


def test_the_curve_is_kaplan_and_meiers_with_late_entry():
    generator = np.random.default_rng(3)
    delays = [("a", None if generator.random() < 0.3 else int(generator.integers(-20, 60))) for _ in range(80)]
    instalments, payments = payers(delays, issued=25)
    curve, _ = curve_of(instalments, payments)
    paid_on = {number: on for number, on, _ in payments}
    times = [((paid_on.get(number) or TODAY) - due).days for number, _, _, due, _ in instalments]
    entries = [(issued - due).days - 1 for _, _, issued, due, _ in instalments]
    oracle = lifelines.KaplanMeierFitter().fit(
        np.asarray(times) + 100, [number in paid_on for number, *_ in instalments], entry=np.asarray(entries) + 100
    )
    for days in (-10, 0, 10, 30, 50):
        assert curve.unpaid_at(days) == pytest.approx(oracle.predict(days + 100), abs=1e-9)


def test_a_slow_payer_is_expected_later_but_a_single_slip_is_not_held_against_anybody():
    delays = [("prompt", day) for day in range(30)] + [("slow", 40 + day) for day in range(30)] + [("once", 60)]
    curve, _ = curve_of(*payers(delays))
    assert curve.shifts["slow"] > 10
    assert curve.shifts["prompt"] < -10
    assert 0 < curve.shifts["once"] < 4


def test_expected_cash_adds_up_and_widens_with_the_shock():
    curve, _ = curve_of(*payers([("a", delay) for delay in range(60)]))
    items = [("a", -5.0, 1000.0), ("a", 10.0, 500.0), ("a", 59.0, 70.0)]
    weeks = expected_cash(items, curve, weeks=10)
    total = sum(week.expected for week in weeks)
    assert total == pytest.approx(1000 * curve.paid_within(70, -5, "a") + 500 * curve.paid_within(70, 10, "a"))
    assert all(week.p10 <= week.p50 <= week.p90 for week in weeks)
    many = [("a", 0.0, 10.0)] * 300
    calm, stormy = (expected_cash(many, curve, weeks=2, shock=shock)[1] for shock in (0.0, 0.8))
    assert stormy.p90 - stormy.p10 > 2 * (calm.p90 - calm.p10)
    assert expected_cash([], curve, weeks=1)[0].expected == 0


def test_a_short_history_says_so():
    curve, _ = curve_of(*payers([("a", delay) for delay in range(19)]))
    assert not curve.is_enough
    assert expected_cash([("a", 0.0, 1.0)], curve) is None


@pytest.mark.skipif(not INVOICES.exists(), reason="the sample of real invoices is not here")
def test_expected_cash_of_real_invoices_is_what_came():
    """Stand on a day of the past, know only what was known then, and compare eight weeks with what was paid."""
    with INVOICES.open(encoding="utf-8-sig") as file:
        invoices = list(csv.DictReader(file))

    def date(text):
        return dt.datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007 - a day has no zone

    rows = [
        (n, i["customerID"], date(i["InvoiceDate"]), date(i["DueDate"]), i["InvoiceAmount"], date(i["SettledDate"]))
        for n, i in enumerate(invoices)
    ]
    now = dt.date(2013, 6, 30)
    curve, _ = curve_of([row[:5] for row in rows], [(n, paid, amount) for n, *_, amount, paid in rows], as_of=now)
    still_open = [row for row in rows if row[2] <= now < row[5]]
    weeks = expected_cash([(m, (now - due).days, float(a)) for _, m, _, due, a, _ in still_open], curve, weeks=8)
    came = sum(float(a) for *_, a, paid in still_open if paid <= now + dt.timedelta(weeks=8))
    assert len(still_open) > 50
    assert sum(week.expected for week in weeks) == pytest.approx(came, rel=0.1)
