"""A handover over the API, from the preview to the confirmation."""

from __future__ import annotations

import pytest
from tests.handover.conftest import (  # noqa: F401 - fixtures
    desk,
    heir,
    leaver,
    make_contract,
    make_customer,
    make_sale,
    second_heir,
)

from loudou.customers.models import Customer, OwnerChange
from loudou.handover.models import Handover, HandoverPlan

pytestmark = pytest.mark.usefixtures("frozen")
V1 = "/api/v1"


@pytest.fixture
def plan(api, desk, leaver, heir, manager):  # noqa: F811 - a fixture
    """A plan of the manager that gives everything to the heir, and a client of theirs."""
    body = {"leaver_id": leaver.pk, "successor_id": heir.pk, "reason": "New job", "note": "The keys are with Hana"}
    answer = api.as_(manager).post(f"{V1}/handover-plans", body)
    assert answer.status_code == 201
    return answer.json()


def test_the_whole_way(api, desk, plan, leaver, heir, second_heir, manager):  # noqa: F811
    program, path = api.as_(manager), f"{V1}/handover-plans/{plan['id']}"
    assert (plan["leaver"]["id"], plan["successor"]["id"], plan["last_day"], plan["state"]) == (
        leaver.pk, heir.pk, "2026-06-15", "open",
    )  # fmt: skip
    chosen = program.post(
        f"{path}/choose", {"things": [{"kind": "customer", "id": desk.acme.pk}], "successor_id": second_heir.pk}
    ).json()
    program.post(f"{path}/customers/{desk.acme.pk}/note", {"text": "Pays late"})
    seen = program.get(f"{path}?kind=opportunity").json()
    shares = {share["successor"]["id"]: share for share in seen["shares"]}
    assert shares[second_heir.pk]["open_amounts"] == {"CNY": "1000.0000"}
    assert shares[second_heir.pk]["owed"] == {"CNY": "200.0000"}
    assert shares[heir.pk]["counts"]["customer"] == 1
    assert (seen["count"], seen["obstacles"], [team["name"] for team in seen["leaves_teams"]]) == (2, [], ["North"])
    assert {(thing["name"], thing["successor_id"]) for thing in seen["things"]} == {
        ("Presses", second_heir.pk), ("Pumps", heir.pk),
    }  # fmt: skip
    done = program.post(f"{path}/carry-out", {"version": chosen["version"]}, headers={"Idempotency-Key": "once"})
    assert done.status_code == 201
    handover = done.json()
    assert [part["confirmed_at"] for part in handover["parts"]] == [None, None]
    again = program.post(f"{path}/carry-out", {"version": chosen["version"]})
    assert again.json()["id"] == handover["id"]
    assert (Handover.objects.count(), OwnerChange.objects.filter(cause="handover").count()) == (1, 2)
    items = program.get(f"{V1}/handovers/{handover['id']}/items?kind=customer").json()["items"]
    assert {(item["name"], item["note"]) for item in items} == {("Acme", "Pays late"), ("Boro", "")}
    confirmed = api.as_(heir).post(f"{V1}/handovers/{handover['id']}/confirm", {"remark": "All there"}).json()
    assert {(part["successor"]["id"], part["remark"]) for part in confirmed["parts"]} == {
        (heir.pk, "All there"), (second_heir.pk, ""),
    }  # fmt: skip
    listed = api.as_(heir).get(f"{V1}/handovers").json()["items"]
    assert [row["id"] for row in listed] == [handover["id"]]


def test_what_stands_against_it_is_listed_and_refuses(api, desk, plan, manager):  # noqa: F811
    program, path = api.as_(manager), f"{V1}/handover-plans/{plan['id']}"
    changed = program.patch(path, {"successor_id": None, "version": plan["version"]}).json()
    seen = program.get(path).json()
    assert [each["code"] for each in seen["obstacles"]] == ["successor_missing"]
    refused = program.post(f"{path}/carry-out", {"version": changed["version"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "successor_missing")
    assert not Handover.objects.exists()
    assert Customer.objects.get(pk=desk.acme.pk).owner.username == "leaver"


def test_an_old_version_is_refused(api, desk, plan, heir, second_heir, manager):  # noqa: F811
    program, path = api.as_(manager), f"{V1}/handover-plans/{plan['id']}"
    program.post(f"{path}/split", {"successor_ids": [heir.pk, second_heir.pk], "by": "count"})
    stale = program.post(f"{path}/carry-out", {"version": plan["version"]})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_write")
    assert not Handover.objects.exists()


def test_a_plan_is_given_up(api, plan, manager):
    dropped = api.as_(manager).post(f"{V1}/handover-plans/{plan['id']}/drop", {}).json()
    assert dropped["state"] == "dropped"
    assert api.as_(manager).get(f"{V1}/handover-plans").json()["items"] == []
    assert HandoverPlan.objects.count() == 1


def test_a_token_without_the_scopes_moves_nothing(with_token, desk, plan, manager):  # noqa: F811
    program = with_token(manager, ["home.view", "people.hand_over", "customers.view"])
    refused = program.post(f"{V1}/handover-plans/{plan['id']}/carry-out", {})
    assert refused.status_code in {403, 409}
    assert not Handover.objects.exists()
    assert Customer.objects.get(pk=desk.acme.pk).owner.username == "leaver"
