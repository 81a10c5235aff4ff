"""Where effort goes: key customers, hours against contribution, the grid, growth, and what sources bring."""

import datetime as dt

import pytest
from tests.funnelstats.question import ask

DEALS = (
    "opportunities(opportunity_id INT, source_id TEXT, outcome TEXT, amount INT, collected INT, margin DECIMAL(18, 2))"
)


def on(month, number):
    return dt.date(2026, month, number)


def test_key_customers_are_the_smallest_set_and_who_is_about_to_join():
    customers = [(1, 500, 0), (2, 300, 0), (3, 100, 0), (4, 60, 0), (5, 40, 250), (6, 0, 300), (7, 0, 299), (8, -10, 0)]
    found = ask("key_customers", {"customers(customer_id INT, collected INT, expected INT)": customers}, share=0.8)
    assert [(row["customer_id"], row["is_key"], row["is_becoming_key"]) for row in found] == [
        (1, True, False),
        (2, True, False),
        (6, False, True),
    ]
    assert [row["share"] for row in found] == [0.5, 0.3, 0.0]


def test_effort_that_does_not_fit_the_contribution_is_named():
    tables = {
        "efforts(customer_id INT, hours INT, cost INT)": [(1, 5, 10), (2, 60, 900), (3, 35, 0)],
        "worth(customer_id INT, contribution INT, is_key BOOLEAN)": [
            (1, 600, True), (2, -50, False), (3, 300, False), (4, 100, True), (5, 0, False),
        ],
    }  # fmt: skip
    found = {row["customer_id"]: row for row in ask("effort", tables, ratio=2)}
    assert {number: row["verdict"] for number, row in found.items()} == {
        1: "starved",  # 60 % of the contribution, 5 % of the hours
        2: "wasted",  # 60 % of the hours, none of the contribution
        3: "fitting",
        4: "starved",  # key, and nobody goes there
    }
    assert found[3]["contribution_per_hour"] == pytest.approx(300 / 35)
    assert (found[2]["hours_share"], found[2]["contribution_share"]) == (0.6, 0.0)
    assert found[4]["contribution_per_hour"] is None


def test_only_what_took_place_in_the_time_asked_about_is_effort():
    def at(number):
        return dt.datetime(2026, 3, number, tzinfo=dt.UTC)

    rows = [
        ("ann", at(1), "visit", "done", 2.0, 30),
        ("ann", at(2), "call", None, 0.5, None),
        ("ann", at(3), "visit", "planned", 9.0, 9),
        ("bob", at(9), "visit", "done", 1.0, 0),
        ("bob", at(10), "visit", "done", 9.0, 0),
    ]
    table = "activities(member TEXT, happened_at TIMESTAMPTZ, kind TEXT, state TEXT, hours DOUBLE, cost INT)"
    found = ask("effort_groups", {table: rows}, since=at(1), until=at(10))
    assert [tuple(row.values()) for row in found] == [("ann", 2, 1, 2.5, 30), ("bob", 1, 1, 1.0, 0)]


def test_a_grid_has_its_limits_in_the_higher_band():
    rows = [(1, 9, 29, 10, 1), (2, 10, 30, 20, 2), (3, 20, 60, 40, None), (4, None, 1, 99, 9)]
    found = ask(
        "grid",
        {"customers(customer_id INT, across INT, up INT, value INT, effort INT)": rows},
        across_low=10, across_high=20, up_low=30, up_high=60,
    )  # fmt: skip
    assert [tuple(row.values()) for row in found] == [(1, 1, 1, 10, 1), (2, 2, 1, 20, 2), (3, 3, 1, 40, 0)]


def test_growth_kinds_go_from_the_worst_to_the_best():
    small = [(n, n * 10, "small", None) for n in range(1, 11)]
    large = [(n, value, "large", None) for n, value in ((11, 5000), (12, 4000), (13, 100), (14, 90))]
    losing = [(15, -30, "small", None), (16, 20, "small", 0.9)]
    found = ask(
        "growth_kinds",
        {"customers(customer_id INT, value INT, peer TEXT, loss_chance DOUBLE)": small + large + losing},
        loss_chance=0.8,
    )
    kinds = {}
    for row in found:
        kinds.setdefault(row["kind"], set()).add(row["customer_id"])
    assert kinds["below_zero"] == {15, 16}
    assert kinds["most_valuable"] == {11, 12}
    assert kinds["most_growable"] == {13, 14}
    assert kinds["other"] == set(range(1, 11))


def test_a_weighted_score_mixes_places_not_units():
    rows = [(1, 1000, 1, 5), (2, 500, 3, 9), (3, 10, 2, None)]
    table = "customers(customer_id INT, volume INT, credit INT, project_size INT)"
    found = ask("weighted_score", {table: rows}, volume_weight=2, credit_weight=1, project_weight=1)
    assert {row["customer_id"]: row["value"] for row in found} == {1: 0.625, 2: 0.75, 3: 0.125}


def test_sources_are_judged_by_what_was_collected():
    tables = {
        "costs(source_id TEXT, amount DECIMAL(18,2))": [("fair", 1000), ("fair", 500), ("mail", 200)],
        DEALS: [
            (1, "fair", "won", 10_000, 6000, 1800),
            (2, "fair", "lost", 4000, 0, 0),
            (3, "fair", "open", 4000, 0, None),
            (4, "referral", "won", 3000, 3000, 900),
        ],
    }
    found = {row["source_id"]: row for row in ask("sources", tables)}
    fair = found["fair"]
    assert (fair["cost"], fair["opportunities"], fair["won"], fair["lost"]) == (1500, 3, 1, 1)
    assert (fair["won_amount"], fair["collected"], fair["margin"]) == (10_000, 6000, 1800)
    assert (fair["cost_per_opportunity"], fair["cost_per_win"], fair["yield"]) == (500, 1500, 1.2)
    assert (found["referral"]["cost"], found["referral"]["yield"]) == (0, None)
    assert (found["mail"]["opportunities"], found["mail"]["cost_per_win"], found["mail"]["yield"]) == (0, None, 0)


def test_what_has_no_source_is_one_row_with_its_cost_and_what_it_brought():
    tables = {
        "costs(source_id TEXT, amount DECIMAL(18,2))": [(None, 100), ("mail", 200)],
        DEALS: [(1, None, "won", 900, 900, 300), (2, "mail", "lost", 900, 0, 0)],
    }
    found = ask("sources", tables)
    assert [(row["source_id"], row["cost"], row["won"], row["yield"]) for row in found] == [
        ("mail", 200, 0, 0),
        (None, 100, 1, 3),
    ]


def test_payback_is_the_day_from_which_a_source_stays_covered():
    flows = [
        ("fair", on(1, 1), 100, 0),
        ("fair", on(2, 1), 0, 120),  # covered, but
        ("fair", on(3, 1), 50, 0),  # more is spent
        ("fair", on(4, 1), 0, 30),  # exactly covered
        ("mail", on(1, 1), 10, 0),
        ("mail", on(2, 1), 0, 9),
        ("referral", on(1, 1), 0, 99),  # cost nothing: there is nothing to pay back
    ]
    found = ask("source_payback", {"flows(source_id TEXT, happened_on DATE, cost INT, margin INT)": flows})
    assert [tuple(row.values()) for row in found] == [
        ("fair", on(1, 1), on(4, 1), 90),
        ("mail", on(1, 1), None, None),
    ]
