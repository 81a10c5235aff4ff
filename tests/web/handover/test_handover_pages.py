"""The screens of a handover, from the person's page to the confirmation."""

from __future__ import annotations

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from loudou.customers.models import Customer
from loudou.handover.models import Handover, HandoverPlan, PlanChoice
from loudou.handover.services import confirming, plans
from loudou.people.models import User
from loudou.people.services import users

pytestmark = pytest.mark.usefixtures("frozen")


def get(client, name, *args, query=""):
    """Open a page and return its text."""
    response = client.get(reverse(name, args=args) + query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_the_whole_way_from_the_persons_page(client, desk, leaver, heir, second_heir, manager):
    as_manager = client.as_(manager)
    prepare_url = reverse("handover:prepare", args=[leaver.pk])
    assert prepare_url in get(as_manager, "people:user", leaver.pk)
    assert as_manager.get(prepare_url).status_code == 200
    answer = as_manager.post(
        prepare_url,
        {"keeps_access": "False", "successor": heir.pk, "last_day": "2026-06-15", "reason": "New job", "note": "Call"},
    )
    plan = HandoverPlan.objects.get()
    assert answer.headers["Location"] == reverse("handover:plan", args=[plan.pk])
    shown = get(as_manager, "handover:plan", plan.pk)
    assert "Hana Heir" in shown
    assert "Call Mr Wang" in shown
    assert "¥1,500" in shown  # open amount of both sales
    assert "¥200" in shown  # owed on the contract
    thing = {"thing": f"customer-{desk.acme.pk}", "successor": second_heir.pk}
    as_manager.post(reverse("handover:choose", args=[plan.pk]), thing)
    assert PlanChoice.objects.get().successor == second_heir
    note = reverse("handover:note", args=[plan.pk, desk.acme.pk])
    as_manager.post(note, {"text": "Pays late"})
    assert "Pays late" in get(as_manager, "handover:plan", plan.pk)
    plan.refresh_from_db()
    done = as_manager.post(reverse("handover:carry_out", args=[plan.pk]), {"version": plan.version})
    handover = Handover.objects.get()
    assert done.headers["Location"] == reverse("handover:handover", args=[handover.pk])
    page = get(as_manager, "handover:handover", handover.pk)
    assert "Pays late" in page
    assert "Not confirmed yet" in page
    assert "handed work over to you" in get(client.as_(heir), "handover:waiting")
    client.as_(heir).post(reverse("handover:confirm", args=[handover.pk]), {"remark": "All there"})
    assert "handed work over to you" not in get(client.as_(heir), "handover:waiting")
    assert "All there" in get(as_manager, "handover:handover", handover.pk)
    assert "Lee Aver" in get(as_manager, "handover:list")


def test_everything_that_is_shown_goes_to_somebody_at_once(client, desk, prepare, heir, second_heir, manager):
    plan = prepare(successor_id=heir.pk)
    client.as_(manager).post(
        reverse("handover:choose", args=[plan.pk]),
        {"shown": "1", "kind": "customer", "province": "Jilin", "successor": second_heir.pk},
    )
    assert [(c.object_id, c.successor) for c in PlanChoice.objects.all()] == [(desk.boro.pk, second_heir)]


def test_what_stands_against_it_is_said_and_there_is_no_button(client, desk, prepare, manager):
    plan = prepare()
    shown = get(client.as_(manager), "handover:plan", plan.pk)
    assert "things have no successor yet" in shown
    assert reverse("handover:carry_out", args=[plan.pk]) not in shown
    answer = client.as_(manager).post(reverse("handover:carry_out", args=[plan.pk]), {"version": plan.version})
    assert answer.status_code == 409
    assert not Handover.objects.exists()


def test_rows_are_narrowed_and_turned_in_pages(client, desk, prepare, heir, manager, make_customer):
    for number in range(60):
        make_customer(f"Firm {number:02}", province="Hubei")
    plan = prepare(successor_id=heir.pk)
    as_manager = client.as_(manager)
    first = get(as_manager, "handover:plan", plan.pk, query="?kind=customer&province=Hubei")
    assert "Boro" not in first
    assert "Firm 59" not in first
    assert "Firm 59" in get(as_manager, "handover:plan", plan.pk, query="?kind=customer&province=Hubei&page=2")
    assert "Nothing passes this filter." in get(as_manager, "handover:plan", plan.pk, query="?q=nonsense")


def test_customers_are_split_from_the_dialog(client, desk, prepare, heir, second_heir, manager):
    plan = prepare()
    client.as_(manager).post(
        reverse("handover:split", args=[plan.pk]), {"successors": [heir.pk, second_heir.pk], "by": "count"}
    )
    assert {choice.successor for choice in PlanChoice.objects.all()} == {heir, second_heir}


def test_who_left_without_a_handover_is_shown_with_what_is_still_held(client, desk, leaver, administrator, at):
    assert "still holds 2 customers, 2 open opportunities, 1 contract and 4 other things" in get(
        client.as_(administrator), "people:user", leaver.pk
    )
    users.deactivate_user(administrator, leaver.pk, at=at)
    page = get(client.as_(administrator), "people:user", leaver.pk)
    assert "can no longer sign in and still holds 2 customers" in page
    assert reverse("handover:prepare", args=[leaver.pk]) in page


def test_colleagues_see_no_button(client, desk, leaver, colleague, stranger, manager):
    for reader in (colleague, stranger):
        assert reverse("handover:prepare", args=[leaver.pk]) not in get(client.as_(reader), "people:user", leaver.pk)


def test_pages_speak_chinese(client, desk, prepare, hand_over, heir, manager):
    User.objects.filter(pk=manager.pk).update(language="zh-hans")
    plan = prepare(successor_id=heir.pk)
    shown = get(client.as_(User.objects.get(pk=manager.pk)), "handover:plan", plan.pk)
    assert "办理交接" in shown
    assert "谁得到什么" in shown
    handover = hand_over(plan)
    assert "谁接手了什么" in get(client.as_(User.objects.get(pk=manager.pk)), "handover:handover", handover.pk)


def test_the_pages_cost_the_same_for_many(client, desk, prepare, hand_over, heir, manager, make_customer):
    plan = prepare(successor_id=heir.pk)
    as_manager = client.as_(manager)

    def cost(name, pk):
        with CaptureQueriesContext(connection) as captured:
            get(as_manager, name, pk)
        return len(captured)

    few = cost("handover:plan", plan.pk)
    for number in range(40):
        make_customer(f"Firm {number}")
    assert cost("handover:plan", plan.pk) == few
    handover = hand_over(plan)
    assert cost("handover:handover", handover.pk) <= 20


def text_of(content: bytes) -> str:
    """The words of a PDF."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def test_the_protocol_lists_everything_in_both_languages(client, desk, prepare, hand_over, heir, manager, at):
    plan = prepare(successor_id=heir.pk, reason="New job", note="The keys are with Hana")
    plans.note_customer(manager, plan.pk, customer_id=desk.acme.pk, text="Pays late")
    handover = hand_over(plan)
    confirming.confirm_handover(heir, handover.pk, at=at, remark="All there")
    Customer.objects.filter(pk=desk.acme.pk).update(name="Renamed")
    answer = client.as_(heir).get(reverse("handover:pdf", args=[handover.pk, "en"]))
    assert answer.headers["Content-Type"] == "application/pdf"
    english = text_of(answer.content)
    for words in ("Handover protocol", "Lee Aver", "Taken over by Hana Heir", "Acme", "Pays late", "Call Mr Wang",
                  "10 Jun 2026", "1,000.00 CNY", "Contacts: Wang Fang",
                  "The keys are with Hana", "All there", "Signature and date",
                  "Witnessed by the manager"):  # fmt: skip
        assert words in english, words
    chinese = text_of(client.as_(heir).get(reverse("handover:pdf", args=[handover.pk, "zh-hans"])).content)
    for words in ("客户交接书", "Lee Aver", "2026-06-10", "签字和日期"):
        assert words in chinese, words
    assert client.as_(heir).get(reverse("handover:pdf", args=[handover.pk, "fr"])).status_code == 404
