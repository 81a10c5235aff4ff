"""Processes, stages, criteria, competitors, loss reasons and exchange rates over the API."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from loudou.core import clock
from loudou.core.models import ExchangeRate
from loudou.insights.models import LearnedProcess, LearnedStage
from loudou.pipeline.models import Competitor, LossReason, Opportunity, SalesProcess, Stage, StageCriterion

pytestmark = pytest.mark.usefixtures("frozen")
V1 = "/api/v1"


def stages_named(*names: str) -> list[dict[str, Any]]:
    """Stages with one exit criterion each."""
    return [{"name": name, "prior_win_rate": "0.5", "criteria": [{"name": f"{name} done"}]} for name in names]


@pytest.fixture
def admin(with_token, administrator) -> Any:
    """A program of an administrator."""
    return with_token(administrator)


@pytest.fixture
def dealers(admin, process) -> dict[str, Any]:
    """A process of three stages, as the API answers it."""
    body = {"name": "Dealers", "name_zh": "经销商", "stages": stages_named("Meet", "Agree", "Sign")}
    answer = admin.post(f"{V1}/processes", body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_process_is_made_with_its_stages_and_criteria(dealers, process):
    assert (dealers["version"], dealers["is_default"], dealers["is_active"]) == (1, False, True)
    told = [(stage["position"], stage["name"], stage["prior_win_rate"]) for stage in dealers["stages"]]
    assert told == [(1, "Meet", "0.5000"), (2, "Agree", "0.5000"), (3, "Sign", "0.5000")]
    assert [stage["criteria"][0]["name"] for stage in dealers["stages"]] == ["Meet done", "Agree done", "Sign done"]
    assert dealers["stages"][0]["process_id"] == dealers["id"]


def test_what_history_says_stands_beside_what_was_expected(with_token, owner, process, stages):
    figures = {"as_of": clock.now(), "sample": 40, "won": 10, "lost": 20, "stays": 40, "stays_finished": 30}
    rate = {"win_rate": 0.25, "low": 0.15, "high": 0.37, "undecided": 0.25, "horizon_days": 180}
    LearnedStage.objects.create(stage=stages[0], median_days=9, p80_days=21, **rate, **figures)
    LearnedProcess.objects.create(process=process, median_days=None, p80_days=None, **rate, **figures)
    caller = with_token(owner)
    shown = caller.get(f"{V1}/processes/{process.pk}").json()
    first, second = shown["stages"][:2]
    told = first["learned_figures"]
    assert first["prior_win_rate"] == "0.1000"
    assert (told["win_rate"], told["low"], told["high"], told["sample"]) == (0.25, 0.15, 0.37, 40)
    assert (told["median_days"], told["p80_days"], told["horizon_days"]) == (9, 21, 180)
    assert second["learned_figures"] is None
    assert (shown["learned_figures"]["won"], shown["learned_figures"]["median_days"]) == (10, None)
    assert caller.get(f"{V1}/processes").json()["items"][0] == shown


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["A", "B"], "stage_count_out_of_range"),
        (list("ABCDEFGH"), "stage_count_out_of_range"),
        (["A", "B", "a"], "named_twice"),
    ],
)
def test_a_process_has_three_to_seven_stages_of_different_names(admin, process, names, code):
    answer = admin.post(f"{V1}/processes", {"name": "New", "stages": stages_named(*names)})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert SalesProcess.objects.count() == 2


def test_setting_up_is_for_administrators_and_a_denial_changes_nothing(with_token, owner, manager, process, stages):
    before = list(Stage.objects.order_by("pk").values_list("name", "version"))
    for user in (owner, manager):
        api = with_token(user)
        answers = [
            api.post(f"{V1}/processes", {"name": "New", "stages": stages_named("A", "B", "C")}),
            api.patch(f"{V1}/processes/{process.pk}", {"name": "New", "version": 1}),
            api.post(f"{V1}/processes/{process.pk}/stages", stages_named("A")[0]),
            api.put(f"{V1}/processes/{process.pk}/order", {"stage_ids": [row.pk for row in stages[::-1]]}),
            api.patch(f"{V1}/stages/{stages[0].pk}", {"name": "New", "version": 1}),
            api.put(f"{V1}/stages/{stages[0].pk}/criteria", {"criteria": []}),
            api.post(f"{V1}/stages/{stages[0].pk}/remove", {}),
            api.post(f"{V1}/competitors", {"name": "New"}),
            api.post(f"{V1}/loss-reasons", {"name": "New"}),
            api.post(f"{V1}/exchange-rates", {"currency": "USD", "on": "2026-01-01", "rate": "7"}),
        ]
        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "permission_refused")] * 10
        assert api.get(f"{V1}/processes").status_code == 200
    assert list(Stage.objects.order_by("pk").values_list("name", "version")) == before
    assert not Competitor.objects.exists()
    assert not ExchangeRate.objects.exists()


def test_a_process_changes_by_the_version_that_was_read(admin, dealers, process):
    path = f"{V1}/processes/{dealers['id']}"
    assert admin.patch(path, {"name": "Partners"}).json()["code"] == "version_required"
    changed = admin.patch(path, {"name": "Partners", "is_default": True, "criteria_mode": "block", "version": 1}).json()
    assert (changed["name"], changed["is_default"], changed["criteria_mode"], changed["version"]) == (
        "Partners", True, "block", 2,
    )  # fmt: skip
    assert list(SalesProcess.objects.filter(is_default=True).values_list("pk", flat=True)) == [dealers["id"]]
    stale = admin.patch(path, {"name": "Third", "version": 1})
    assert (stale.status_code, stale.json()["current"]["name"]) == (409, "Partners")
    assert len(stale.json()["current"]["stages"]) == 3
    listed = admin.get(f"{V1}/processes").json()["items"]
    assert {row["name"] for row in listed} >= {"Partners", process.name}


def test_stages_are_added_changed_and_put_in_order(admin, dealers):
    path = f"{V1}/processes/{dealers['id']}"
    meet, agree, sign = (stage["id"] for stage in dealers["stages"])
    added = admin.post(f"{path}/stages", {**stages_named("Visit")[0], "position": 2})
    assert (added.status_code, added.json()["position"]) == (201, 2)
    visit = added.json()["id"]
    assert [row["name"] for row in admin.get(path).json()["stages"]] == ["Meet", "Visit", "Agree", "Sign"]
    taken = admin.post(f"{path}/stages", stages_named("visit")[0])
    assert (taken.status_code, taken.json()["code"]) == (422, "named_twice")
    moved = admin.put(f"{path}/order", {"stage_ids": [visit, meet, agree, sign]}).json()
    assert [(row["id"], row["position"]) for row in moved["stages"]] == [(visit, 1), (meet, 2), (agree, 3), (sign, 4)]
    for ids in ([visit, meet, agree], [visit, meet, agree, 10**9]):
        refused = admin.put(f"{path}/order", {"stage_ids": ids})
        assert (refused.status_code, refused.json()["code"]) == (422, "stage_of_other_process")
    stage = admin.get(path).json()["stages"][0]
    changed = admin.patch(f"{V1}/stages/{visit}", {"prior_win_rate": "0.25", "version": stage["version"]}).json()
    assert (changed["prior_win_rate"], changed["name"]) == ("0.2500", "Visit")
    stale = admin.patch(f"{V1}/stages/{visit}", {"name": "Second visit", "version": stage["version"]})
    assert (stale.status_code, stale.json()["current"]["prior_win_rate"]) == (409, "0.2500")
    wrong = admin.patch(f"{V1}/stages/{visit}", {"prior_win_rate": "1.1", "version": changed["version"]})
    assert list(wrong.json()["errors"]) == ["prior_win_rate"]


def test_criteria_are_replaced_and_kept_by_their_id(admin, dealers):
    stage = dealers["stages"][0]
    kept = stage["criteria"][0]
    body = {"criteria": [{"id": kept["id"], "name": "Met twice"}, {"name": "Budget named", "needs_evidence": False}]}
    changed = admin.put(f"{V1}/stages/{stage['id']}/criteria", body).json()["criteria"]
    assert [(row["name"], row["needs_evidence"]) for row in changed] == [("Met twice", True), ("Budget named", False)]
    assert changed[0]["id"] == kept["id"]
    twice = admin.put(f"{V1}/stages/{stage['id']}/criteria", {"criteria": [{"name": "Same"}, {"name": "same"}]})
    assert (twice.status_code, twice.json()["code"]) == (422, "named_twice")
    assert StageCriterion.objects.filter(stage=stage["id"]).count() == 2


def test_a_stage_in_use_is_merged_into_another(admin, with_token, owner, dealers, customer):
    meet, agree, sign = (stage["id"] for stage in dealers["stages"])
    few = admin.post(f"{V1}/stages/{sign}/remove", {})
    assert (few.status_code, few.json()["code"]) == (422, "stage_count_out_of_range")
    admin.post(f"{V1}/processes/{dealers['id']}/stages", stages_named("Visit")[0])
    body = {"subject": "Sale", "customer_id": customer.pk, "process_id": dealers["id"], "stage_id": agree}
    deal = with_token(owner).post(f"{V1}/opportunities", body).json()
    used = admin.post(f"{V1}/stages/{agree}/remove", {})
    assert (used.status_code, used.json()["code"]) == (409, "stage_in_use")
    merged = admin.post(f"{V1}/stages/{agree}/remove", {"merge_into_id": meet}).json()
    assert [row["name"] for row in merged["stages"]] == ["Meet", "Sign", "Visit"]
    assert with_token(owner).get(f"{V1}/opportunities/{deal['id']}").json()["stage"]["id"] == meet


def test_competitors_and_loss_reasons_are_kept_apart_by_name(admin, process):
    made = admin.post(f"{V1}/competitors", {"name": "Globex", "strengths": "Price"}).json()
    assert admin.post(f"{V1}/competitors", {"name": "globex"}).status_code == 422
    changed = admin.patch(f"{V1}/competitors/{made['id']}", {"is_active": False, "version": 1}).json()
    assert (changed["is_active"], changed["strengths"], changed["version"]) == (False, "Price", 2)
    stale = admin.patch(f"{V1}/competitors/{made['id']}", {"name": "X", "version": 1})
    assert (stale.status_code, stale.json()["current"]["is_active"]) == (409, False)
    reason = admin.post(f"{V1}/loss-reasons", {"name": "Moved abroad", "name_zh": "迁往国外"}).json()
    listed = admin.get(f"{V1}/loss-reasons").json()["items"]
    assert listed[-1]["id"] == reason["id"]
    assert len(listed) == LossReason.objects.count() == 10
    renamed = admin.patch(f"{V1}/loss-reasons/{reason['id']}", {"name": "Left the country", "version": 1}).json()
    assert (renamed["name"], renamed["name_zh"]) == ("Left the country", "迁往国外")


def test_a_rate_values_open_opportunities_and_closed_ones_keep_theirs(admin, with_token, owner, make, customer):
    rep = with_token(owner)
    first = admin.post(f"{V1}/exchange-rates", {"currency": "USD", "on": "2026-01-01", "rate": "7"})
    assert (first.status_code, first.json()["rate"]) == (201, "7.0000000000")
    open_one, closed = (
        rep.post(f"{V1}/opportunities", {"subject": name, "amount": "100", "currency": "USD"}).json()
        for name in ("Open", "Closed")
    )
    assert (open_one["amount_base"], closed["amount_base"]) == ("700.0000", "700.0000")
    rep.post(f"{V1}/opportunities/{closed['id']}/win", {})
    admin.post(f"{V1}/exchange-rates", {"currency": "USD", "on": "2026-06-15", "rate": "7.25"})
    assert [rep.get(f"{V1}/opportunities/{row['id']}").json()["amount_base"] for row in (open_one, closed)] == [
        "725.0000", "700.0000",
    ]  # fmt: skip
    replaced = admin.post(f"{V1}/exchange-rates", {"currency": "USD", "on": "2026-06-15", "rate": "7.5"}).json()
    assert Opportunity.objects.get(pk=open_one["id"]).amount_base == Decimal(750)
    listed = rep.get(f"{V1}/exchange-rates", {"currency": "USD"}).json()["items"]
    assert [(row["on"], row["rate"]) for row in listed] == [
        ("2026-06-15", "7.5000000000"), ("2026-01-01", "7.0000000000"),
    ]  # fmt: skip
    assert admin.delete(f"{V1}/exchange-rates/{replaced['id']}").status_code == 204
    assert Opportunity.objects.get(pk=open_one["id"]).amount_base == Decimal(700)
    last = admin.delete(f"{V1}/exchange-rates/{first.json()['id']}")
    assert (last.status_code, last.json()["code"]) == (422, "exchange_rate_missing")
    assert ExchangeRate.objects.get().on == dt.date(2026, 1, 1)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"currency": "CNY", "on": "2026-01-01", "rate": "1"}, "currency"),
        ({"currency": "usd", "on": "2026-01-01", "rate": "7"}, "currency"),
        ({"currency": "USD", "on": "2026-13-01", "rate": "7"}, "on"),
        ({"currency": "USD", "on": "2026-01-01", "rate": "0"}, "rate"),
    ],
)
def test_a_rate_that_means_nothing_is_refused_at_its_field(admin, body, field):
    answer = admin.post(f"{V1}/exchange-rates", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    assert not ExchangeRate.objects.exists()
