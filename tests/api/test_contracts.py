"""Drafting, editing, amending and ending contracts over the API."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.api.test_contract_to_cash import TERMS

from loudou.contracts.models import Contract, ContractAct, ContractFile, DiscountDecision, LineTerms
from loudou.contracts.services import editing
from loudou.customers.models import Customer
from loudou.customers.services import rules
from loudou.people.models import AuditEntry

pytestmark = pytest.mark.usefixtures("frozen")
URL = "/api/v1/contracts"
LINES = [
    {"description": "Press", "quantity": "10", "unit_price": "100", "tax_rate": "0.13"},
    {"description": "Installation", "quantity": "1", "unit_price": "500", "tax_rate": "0.06", "unit": "job"},
]


@pytest.fixture
def customer(owner) -> Customer:
    """A customer whose paper can be written."""
    return Customer.objects.create(
        name="Hengda Steel Co., Ltd.", owner=owner, credit_code="91420100MA4KL5XN3P", city="Wuhan",
        address="1 Steel Road", phones=["027-8888 1234"],
    )  # fmt: skip


@pytest.fixture
def drafted(with_token, owner, customer) -> dict[str, Any]:
    """A draft of the owner over 1,500.00, as the API answers it."""
    body = {"title": "Presses", "customer_id": customer.pk, "lines": LINES, "terms": TERMS}
    answer = with_token(owner).post(URL, body)
    assert answer.status_code == 201, answer.content
    return answer.json()


@pytest.fixture
def signed(with_token, owner, manager, drafted) -> dict[str, Any]:
    """The same, offered and signed today."""
    with_token(owner).post(f"{URL}/{drafted['id']}/offer", {})
    return with_token(manager).post(f"{URL}/{drafted['id']}/sign", {}).json()


def test_a_draft_says_everything_that_was_sent(drafted, customer, owner):
    assert (drafted["state"], drafted["currency"], drafted["owner"]["id"]) == ("draft", "CNY", owner.pk)
    assert (drafted["net_amount"], drafted["tax_amount"], drafted["amount"]) == ("1356.6600", "143.3400", "1500.0000")
    present = drafted["present"]
    assert (present["sequence"], present["state"], present["penalty_rate"]) == (1, "draft", "0.00050")
    assert [(line["description"], line["amount"]) for line in present["lines"]] == [
        ("Press", "1000.0000"), ("Installation", "500.0000"),
    ]  # fmt: skip
    assert {clause["key"] for clause in present["clauses"]} >= {"parties", "subject", "price", "breach"}
    assert drafted["amendment"] is None


def test_a_change_needs_the_version_that_was_read(with_token, owner, manager, drafted):
    rep, pk, read = with_token(owner), drafted["id"], drafted["version"]
    assert rep.patch(f"{URL}/{pk}", {"title": "Two presses"}).json()["code"] == "version_required"
    changed = rep.patch(f"{URL}/{pk}", {"title": "Two presses"}, headers={"If-Match": f'"{read}"'})
    assert (changed.status_code, changed.json()["version"], changed["ETag"]) == (200, read + 1, f'"{read + 1}"')
    editing.update_contract(manager, pk, changes={"notes": "meanwhile"})
    stale = rep.patch(f"{URL}/{pk}", {"title": "Three presses", "version": read + 1})
    problem = stale.json()
    assert (stale.status_code, problem["code"]) == (409, "stale_write")
    assert (problem["current"]["version"], problem["current"]["title"]) == (read + 2, "Two presses")
    for path, body in (("lines", {"lines": []}), ("terms", {}), ("clauses", {"clauses": []})):
        assert rep.put(f"{URL}/{pk}/{path}", {**body, "version": read + 1}).json()["code"] == "stale_write"
    assert rep.post(f"{URL}/{pk}/offer", {"version": read + 1}).json()["code"] == "stale_write"
    assert (Contract.objects.get().state, LineTerms.objects.count()) == ("draft", 2)


def test_lines_terms_and_clauses_are_replaced(with_token, owner, drafted):
    rep, pk = with_token(owner), drafted["id"]
    kept = drafted["present"]["lines"][0]["line_id"]
    lines = [{**LINES[0], "line_id": kept, "quantity": "4", "discount_rate": "0.05"}]
    changed = rep.put(f"{URL}/{pk}/lines", {"lines": lines, "version": drafted["version"]}).json()
    assert [(line["line_id"], line["amount"]) for line in changed["present"]["lines"]] == [(kept, "380.0000")]
    assert changed["amount"] == "380.0000"
    changed = rep.put(f"{URL}/{pk}/terms", {"warranty_months": 24}).json()["present"]
    assert (changed["warranty_months"], changed["acceptance_days"]) == (24, 7)
    clause = {"key": "other", "title": "Training", "body": "We train {buyer} for two days."}
    refused = rep.put(f"{URL}/{pk}/clauses", {"clauses": [{**clause, "body": "For {nobody}."}]})
    assert (refused.status_code, refused.json()["code"]) == (422, "placeholder_unknown")
    changed = rep.put(f"{URL}/{pk}/clauses", {"clauses": [clause]}).json()["present"]
    assert [row["title"] for row in changed["clauses"]] == ["Training"]
    restored = rep.post(f"{URL}/{pk}/clauses/restore").json()["present"]
    assert [row["key"] for row in restored["clauses"]] == [row["key"] for row in drafted["present"]["clauses"]]


def test_mistakes_are_told_by_field_and_nothing_is_drafted(with_token, owner, customer):
    rep = with_token(owner)
    body = {"title": "", "customer_id": customer.pk, "lines": [{"quantity": "-1", "unit_price": "1", "colour": 1}]}
    answer = rep.post(URL, body)
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"title", "lines.0.quantity", "lines.0.colour"}
    foreign = rep.post(URL, {"title": "x", "customer_id": 10**9})
    assert (foreign.status_code, list(foreign.json()["errors"])) == (422, ["customer_id"])
    assert not Contract.objects.exists()


def test_a_signed_contract_changes_by_amendment(with_token, owner, manager, signed):
    rep, boss, pk = with_token(owner), with_token(manager), signed["id"]
    refused = rep.put(f"{URL}/{pk}/lines", {"lines": LINES})
    assert (refused.status_code, refused.json()["code"]) == (409, "contract_not_editable")
    begun = rep.post(f"{URL}/{pk}/amendment", {"reason": "Two more"})
    assert (begun.status_code, begun.json()["amendment"]["sequence"]) == (201, 2)
    first, second = signed["present"]["lines"]
    lines = [{**LINES[0], "line_id": first["line_id"], "quantity": "12"}, {**LINES[1], "line_id": second["line_id"]}]
    drafted = rep.put(f"{URL}/{pk}/lines", {"lines": lines}).json()
    assert (drafted["amount"], drafted["amendment"]["amount"]) == ("1500.0000", "1700.0000")
    assert rep.post(f"{URL}/{pk}/amendment/offer", {}).json()["amendment"]["state"] == "offered"
    assert rep.post(f"{URL}/{pk}/amendment/take-back", {}).json()["amendment"]["state"] == "draft"
    rep.post(f"{URL}/{pk}/amendment/offer", {})
    assert rep.post(f"{URL}/{pk}/amendment/accept", {}).status_code == 403
    done = boss.post(f"{URL}/{pk}/amendment/accept", {"person": "Zhao Min"}).json()
    assert (done["amount"], done["present"]["sequence"], done["amendment"]) == ("1700.0000", 2, None)
    listed = rep.get(f"{URL}/{pk}/versions").json()["items"]
    assert [(row["sequence"], row["state"]) for row in listed] == [(2, "in_force"), (1, "superseded")]
    assert rep.get(f"{URL}/{pk}/versions/1").json()["amount"] == "1500.0000"
    found = rep.get(f"{URL}/{pk}/versions/2/differences").json()
    assert [(row["change"], row["label"], row["line_id"]) for row in found["lines"]] == [
        ("changed", "Press", first["line_id"]),
    ]  # fmt: skip
    changed = {field["name"]: (field["old"], field["new"]) for field in found["lines"][0]["fields"]}
    assert {name: tuple(map(Decimal, pair)) for name, pair in changed.items()} == {
        "quantity": (Decimal(10), Decimal(12)), "amount": (Decimal(1000), Decimal(1200)),
    }  # fmt: skip
    assert rep.get(f"{URL}/{pk}/versions/1/differences").json() == {"lines": [], "clauses": [], "terms": []}
    assert rep.get(f"{URL}/{pk}/versions/9").status_code == 404


def test_an_amendment_that_is_dropped_changes_nothing(with_token, owner, signed):
    rep, pk = with_token(owner), signed["id"]
    rep.post(f"{URL}/{pk}/amendment", {"reason": "Cheaper"})
    dropped = rep.post(f"{URL}/{pk}/amendment/drop", {"note": "No agreement"}).json()
    assert (dropped["amendment"], dropped["amount"], dropped["present"]["sequence"]) == (None, "1500.0000", 1)
    acts = rep.get(f"{URL}/{pk}/acts").json()["items"]
    assert (acts[0]["kind"], acts[0]["note"], acts[0]["actor"]["id"]) == (
        "amendment_dropped", "No agreement", owner.pk,
    )  # fmt: skip


def test_offers_are_countered_declined_and_lapse(with_token, owner, manager, drafted):
    rep, boss, pk = with_token(owner), with_token(manager), drafted["id"]
    assert rep.post(f"{URL}/{pk}/offer", {"valid_until": "2026-06-15"}).json()["offer_valid_until"] == "2026-06-15"
    countered = rep.post(f"{URL}/{pk}/counter", {"party": "customer", "note": "5 % less"}).json()
    assert countered["state"] == "draft"
    early = rep.post(f"{URL}/{pk}/offer", {"on": "2026-06-16"})
    assert (early.status_code, early.json()["code"]) == (422, "date_in_future")
    declined = rep.post(f"{URL}/{pk}/decline", {"party": "customer"}).json()
    assert declined["state"] == "withdrawn"
    refused = boss.post(f"{URL}/{pk}/sign", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "contract_state_refused")
    assert list(ContractAct.objects.order_by("pk").values_list("kind", flat=True)) == [
        "offered", "countered", "declined",
    ]  # fmt: skip


def test_contracts_end_with_a_reason(with_token, manager, signed):
    boss, pk = with_token(manager), signed["id"]
    assert boss.post(f"{URL}/{pk}/begin", {"note": "Design"}).json()["state"] == "performing"
    assert boss.post(f"{URL}/{pk}/terminate", {}).json()["code"] == "reason_missing"
    ended = boss.post(f"{URL}/{pk}/terminate", {"note": "Insolvent", "settlement": "500 for the design"}).json()
    assert (ended["state"], ended["ended_on"]) == ("terminated", "2026-06-15")
    part = {"name": "Design", "basis": "date", "on": "2026-07-01", "amount": "500"}
    plan = boss.post(f"{URL}/{pk}/settlement", {"lines": [part]})
    assert (plan.status_code, plan.json()["total"], plan.json()["state"]) == (201, "500.0000", "in_force")
    figures = boss.get(f"{URL}/{pk}/figures").json()
    assert (figures["open"], figures["retention"]) == ("500.0000", "0.0000")
    assert boss.post(f"{URL}/{pk}/complete", {"note": "x"}).json()["code"] == "contract_state_refused"


def test_a_discount_beyond_the_policy_is_approved_by_another(with_token, administrator, owner, manager, drafted, at):
    rules.update_rules(administrator, changes={"max_discount_rate": Decimal("0.1")}, at=at)
    rep, boss, pk = with_token(owner), with_token(manager), drafted["id"]
    rep.put(f"{URL}/{pk}/lines", {"lines": [{**LINES[0], "discount_rate": "0.15"}]})
    assert rep.get(f"{URL}/{pk}/missing").json()["discount"]["needs_approval"] is True
    assert rep.post(f"{URL}/{pk}/offer", {}).json()["code"] == "discount_needs_approval"
    asked = rep.post(f"{URL}/{pk}/discount-requests", {"reason": "Volume"})
    request = asked.json()
    assert (asked.status_code, request["discount"], request["policy"], request["decision"]) == (
        201, "0.1500", "0.1000", None,
    )  # fmt: skip
    path = f"/api/v1/discount-requests/{request['id']}"
    assert rep.post(f"{path}/approve", {}).status_code == 403
    assert not DiscountDecision.objects.exists()
    assert [row["id"] for row in boss.get("/api/v1/discount-requests").json()["items"]] == [request["id"]]
    refused = boss.post(f"{path}/refuse", {"reason": "Too much"}).json()
    assert (refused["decision"]["outcome"], refused["decision"]["decided_by"]["id"]) == ("refused", manager.pk)
    again = boss.post(f"{path}/approve", {})
    assert (again.status_code, again.json()["code"]) == (409, "discount_decided")
    second = rep.post(f"{URL}/{pk}/discount-requests", {"reason": "Please"}).json()
    approved = boss.post(f"/api/v1/discount-requests/{second['id']}/approve", {"reason": "Once"}).json()
    assert approved["decision"]["outcome"] == "approved"
    assert rep.post(f"{URL}/{pk}/offer", {}).json()["state"] == "offered"
    listed = rep.get(f"{URL}/{pk}/discount-requests").json()["items"]
    assert [row["decision"]["outcome"] for row in listed] == ["approved", "refused"]


def test_documents_are_kept_handed_out_and_removed(with_token, owner, stranger, drafted, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    rep, path = with_token(owner), f"{URL}/{drafted['id']}/files"

    def send(api: Any, content: bytes = b"%PDF-1.7 signed") -> Any:
        form = {"kind": "signed", "file": SimpleUploadedFile("signed.pdf", content)}
        return Client.post(api, path, form)

    made = send(rep)
    assert (made.status_code, made.json()["kind"], made.json()["size"]) == (201, "signed", 15)
    assert send(rep, b"").json()["code"] == "file_empty"
    assert send(with_token(stranger)).status_code == 404
    assert [row["name"] for row in rep.get(path).json()["items"]] == ["signed.pdf"]
    file = f"/api/v1/contract-files/{made.json()['id']}"
    got = rep.get(file)
    assert (got["Content-Type"], b"".join(got.streaming_content)) == ("application/octet-stream", b"%PDF-1.7 signed")
    assert got["Content-Disposition"] == 'attachment; filename="signed.pdf"'
    assert with_token(stranger).get(file).status_code == 404
    offered = rep.post(f"{URL}/{drafted['id']}/offer", {"document_id": made.json()["id"]})
    assert offered.status_code == 200
    kept = rep.delete(file)
    assert (kept.status_code, kept.json()["code"]) == (409, "file_in_use")
    other = send(rep).json()["id"]
    assert rep.delete(f"/api/v1/contract-files/{other}").status_code == 204
    assert ContractFile.objects.get().pk == made.json()["id"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_paper_is_handed_out_as_pdf(with_token, owner, drafted, language):
    answer = with_token(owner).get(f"{URL}/{drafted['id']}/pdf", {"language": language})
    if answer.status_code == 503:
        pytest.skip(answer.json()["detail"])
    assert (answer.status_code, answer["Content-Type"], answer.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert f"-v1-{language[:2]}.pdf" in answer["Content-Disposition"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"Presses", "Pumps", "Old"}),
        ("?state=draft", {"Pumps"}),
        ("?state=draft&state=signed", {"Presses", "Pumps", "Old"}),
        ("?kind=services", {"Pumps"}),
        ("?q=pump", {"Pumps"}),
        ("?external_id=X1", {"Old"}),
        ("?signed_from=2026-01-01", {"Presses"}),
        ("?signed_until=2025-12-31", {"Old"}),
        ("?overdue=true", {"Old"}),
        ("?overdue=false", {"Presses", "Pumps"}),
        ("?number=K-2025-1", {"Old"}),
        ("?updated_since=2999-01-01T00:00:00Z", set()),
    ],
)
def test_contracts_are_narrowed_as_on_the_page(with_token, owner, administrator, stranger, signed, customer, query,
                                               found):  # fmt: skip
    rep, body = with_token(owner), {"customer_id": customer.pk}
    rep.post(URL, {**body, "title": "Pumps", "kind": "services"})
    past = {
        "title": "Old", "number": "K-2025-1", "external_id": "X1", "lines": [LINES[0]], "owner_id": owner.pk,
        "past": {"signed": {"on": "2025-03-01"}}, "plan": [{"name": "All", "basis": "signing", "share": "1"}],
    }  # fmt: skip
    assert with_token(administrator).post(URL, {**body, **past}).json()["state"] == "signed"
    foreign = Customer.objects.create(name="Elsewhere", owner=stranger)
    assert with_token(stranger).post(URL, {"title": "Foreign", "customer_id": foreign.pk}).status_code == 201
    page = rep.get(URL + query).json()
    assert {row["title"] for row in page["items"]} == found
    assert page["next"] is None


def test_pages_of_contracts_meet_every_row_once_at_one_price(
    with_token, owner, customer, django_assert_max_num_queries
):
    rep = with_token(owner)
    made = {rep.post(URL, {"title": f"C{number}", "customer_id": customer.pk}).json()["id"] for number in range(7)}
    seen, cursor = [], ""
    while cursor is not None:
        with django_assert_max_num_queries(7):
            page = rep.get(f"{URL}?limit=3&cursor={cursor}").json()
        seen += [row["id"] for row in page["items"]]
        cursor = page["next"]
    assert (set(seen), len(seen)) == (made, 7)


def test_the_audit_says_that_a_program_acted(with_token, owner, drafted):
    entry = AuditEntry.objects.filter(table_name="contracts_contract").earliest("pk")
    assert (entry.source, entry.actor_id) == ("api", owner.pk)


def test_a_draft_is_deleted_while_it_left_no_trace(with_token, owner, drafted):
    rep, pk = with_token(owner), drafted["id"]
    rep.post(f"{URL}/{pk}/offer", {})
    rep.post(f"{URL}/{pk}/take-back", {})
    assert rep.delete(f"{URL}/{pk}").json()["code"] == "contract_not_editable"
    other = rep.post(URL, {"title": "Other", "customer_id": drafted["customer"]["id"]}).json()["id"]
    assert rep.delete(f"{URL}/{other}").status_code == 204
    assert rep.get(f"{URL}/{other}").status_code == 404


def test_dates_are_days_of_the_company(with_token, owner, customer, frozen):
    frozen.shift(dt.timedelta(hours=9))  # 01:00 of 16 June in Shanghai
    rep = with_token(owner)
    made = rep.post(URL, {"title": "Late", "customer_id": customer.pk, "lines": LINES}).json()
    assert rep.post(f"{URL}/{made['id']}/offer", {}).json()["offered_on"] == "2026-06-16"
