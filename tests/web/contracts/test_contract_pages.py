"""Screens of contracts: what each person sees and does, from the draft to what comes back."""

import datetime as dt
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from loudou.contracts.choices import ContractState
from loudou.contracts.models import Contract, ContractFile, Delivery, DiscountRequest, Instalment
from loudou.contracts.papers import paper_of
from loudou.customers.models import Customer
from loudou.pipeline.services import moves, opportunities
from loudou.pipeline.services.drafts import OpportunityDraft

pytestmark = pytest.mark.usefixtures("frozen")


def address(name, *args):
    return reverse(f"contracts:{name}", args=args)


def page_of(response):
    assert response.status_code == 200, response.content.decode()[:2000]
    return response.content.decode()


def test_the_list_shows_what_each_person_may_see(client, owner, stranger, drafted):
    contract = drafted()
    assert contract.title in page_of(client.as_(owner).get(address("list")))
    assert contract.title not in page_of(client.as_(stranger).get(address("list")))


def test_the_page_of_a_draft_says_what_is_missing_before_it_can_be_signed(client, owner, drafted):
    contract = drafted(terms={})
    page = page_of(client.as_(owner).get(address("contract", contract.pk)))
    assert "Before it can be signed" in page
    assert "Term, place and manner of performance" in page
    assert "Two presses" in page


def test_a_version_says_which_one_it_is(client, owner, drafted):
    contract = drafted()
    page = page_of(client.as_(owner).get(address("version", contract.pk, 1)))
    assert re.search(r'<h1 class="page-title">\s*Version 1 of', page)


def test_what_is_missing_is_filled_in_where_it_stands(client, owner, drafted):
    contract = drafted(terms={"performance_until": "2026-09-30"}, lines=())
    page = page_of(client.as_(owner).get(address("contract", contract.pk)))
    links = dict(re.findall(r'<span>([^<(]+) \([^<]*</span><a class="btn btn-sm" href="([^"]+)"', page))
    assert links["Subject matter"] == address("lines", contract.pk)
    assert links["Quantity and quality"] == address("terms", contract.pk)


def test_a_stranger_meets_nothing_and_changes_nothing(client, stranger, drafted):
    contract = drafted()
    visitor = client.as_(stranger)
    assert visitor.get(address("contract", contract.pk)).status_code == 404
    assert visitor.post(address("offer", contract.pk), {"on": "2026-06-15", "party": "us"}).status_code == 404
    assert Contract.objects.get().state == ContractState.DRAFT


def test_a_rep_drafts_a_contract_and_fills_its_lines(client, owner, customer, product):
    rep = client.as_(owner)
    facts = {"title": "Pump station", "customer": customer.pk, "kind": "project", "currency": "CNY"}
    rep.post(address("add"), facts | {"tax_included": "on"})
    contract = Contract.objects.get()
    assert (contract.title, contract.kind, contract.customer, contract.owner) == (
        "Pump station", "project", customer, owner,
    )  # fmt: skip
    rows = {
        "product_0": product.pk, "description_0": "", "quantity_0": "3", "unit_price_0": "", "discount_rate_0": "10",
        "tax_rate_0": "13", "line_0": "", "description_1": "Installation", "product_1": "", "quantity_1": "",
        "unit_price_1": "500", "tax_rate_1": "6", "line_1": "",
    }  # fmt: skip
    rep.post(address("lines", contract.pk), rows | {"version": contract.version})
    lines = contract.versions.get().terms.order_by("position")
    assert [(line.description, line.quantity, line.amount) for line in lines] == [
        ("Press 200", 3, Decimal(270)),
        ("Installation", 1, Decimal(500)),
    ]
    assert Contract.objects.get().amount == 770


def test_a_row_that_says_nothing_is_refused_beside_its_field(client, owner, drafted):
    contract = drafted()
    answer = client.as_(owner).post(
        address("lines", contract.pk), {"description_0": "", "product_0": "", "quantity_0": "3", "line_0": ""}
    )
    assert answer.status_code == 422
    assert "Choose a product or say what is sold." in answer.content.decode()
    assert contract.versions.get().terms.count() == 2


def test_an_offer_is_signed_with_its_scan(client, owner, finance, drafted, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    contract = drafted()
    client.as_(owner).post(address("offer", contract.pk), {"on": "2026-06-15", "party": "us"})
    scan = SimpleUploadedFile("scan.pdf", b"%PDF-1.4 signed")
    answer = client.as_(finance).post(
        address("sign", contract.pk), {"on": "2026-06-15", "party": "customer", "person": "Wang Lei", "document": scan}
    )
    assert answer.status_code == 302, answer.content.decode()
    contract.refresh_from_db()
    assert (contract.state, contract.signed_on) == (ContractState.SIGNED, dt.date(2026, 6, 15))
    assert contract.number
    act = contract.acts.get(kind="signed")
    assert (act.person, act.party, act.document.kind) == ("Wang Lei", "customer", "signed")
    page = page_of(client.as_(owner).get(address("contract", contract.pk)))
    assert "scan.pdf" in page
    assert contract.number in page


def test_a_refused_signature_keeps_no_scan(client, owner, finance, drafted, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    contract = drafted(terms={})
    client.as_(owner).post(address("offer", contract.pk), {"on": "2026-06-15", "party": "us"})
    scan = SimpleUploadedFile("scan.pdf", b"%PDF-1.4 signed")
    answer = client.as_(finance).post(
        address("sign", contract.pk), {"on": "2026-06-15", "party": "customer", "document": scan}
    )
    assert answer.status_code == 422
    assert not ContractFile.objects.exists()
    assert Contract.objects.get().state == ContractState.OFFERED


def test_goods_go_are_accepted_and_partly_come_back(client, finance, signed, lines_of):
    contract = signed()
    keeper = client.as_(finance)
    presses, _installation = lines_of(contract)
    page = page_of(keeper.get(address("deliver", contract.pk)))
    assert "Press 200 (10 set open)" in page
    keeper.post(address("deliver", contract.pk), {"on": "2026-06-10", f"line_{presses.pk}": "4", "carrier": "SF 1"})
    page = page_of(keeper.get(address("contract", contract.pk)))
    assert re.search(r"In performance</span><small>\s*10 Jun 2026", page)
    delivery = Delivery.objects.get()
    keeper.post(address("delivery_acceptance", delivery.pk), {"on": "2026-06-12", "outcome": "accepted"})
    keeper.post(
        address("delivery_return", delivery.pk),
        {"on": "2026-06-13", "reason": "One is scratched", f"line_{presses.pk}": "1"},
    )
    assert [line.delivered for line in lines_of(contract)] == [3, 0]
    page = page_of(keeper.get(address("contract", contract.pk)))
    assert "One is scratched" in page
    assert "SF 1" in page
    assert "4 × Press 200" in page
    assert "-1 × Press 200" in page or "−1 × Press 200" in page


def test_an_amendment_shows_what_it_changes(client, owner, signed):
    contract = signed()
    rep = client.as_(owner)
    rep.post(address("amend", contract.pk), {"reason": "Two more presses", "version": contract.version})
    contract.refresh_from_db()
    first, second = contract.versions.get(sequence=2).terms.order_by("position")
    rows = {}
    for number, (line, quantity) in enumerate([(first, "12"), (second, "1")]):
        rows |= {
            f"line_{number}": line.line_id, f"product_{number}": line.product_id or "",
            f"description_{number}": line.description, f"quantity_{number}": quantity,
            f"unit_price_{number}": line.unit_price, f"tax_rate_{number}": int(line.tax_rate * 100),
        }  # fmt: skip
    rep.post(address("lines", contract.pk), rows | {"version": contract.version})
    page = page_of(rep.get(address("version", contract.pk, 2)))
    assert "Two more presses" in page
    assert "<del>10</del>" in page
    assert "<ins>12</ins>" in page
    contract.refresh_from_db()
    assert contract.amount == 1500
    instalment = Instalment.objects.filter(contract=contract).earliest("position")
    rep.post(
        reverse("ledger:plan", args=[contract.pk]),
        {"name_0": "After a year", "share_0": "100", "basis_0": "acceptance"},
    )
    page = page_of(rep.get(address("version", contract.pk, 2)))
    assert f"<del>{instalment.name}</del>" in page
    assert "<ins>After a year</ins>" in page


def test_a_manager_approves_the_discount_that_a_rep_asks_for(client, owner, manager, drafted, two_lines):
    Customer.objects.update(max_discount_rate=Decimal("0.1"))
    from dataclasses import replace

    contract = drafted(lines=[replace(two_lines[0], discount_rate=Decimal("0.2"))])
    Customer.objects.update(max_discount_rate=Decimal("0.1"))
    rep = client.as_(owner)
    assert "is beyond the policy" in page_of(rep.get(address("contract", contract.pk)))
    assert rep.post(address("offer", contract.pk), {"on": "2026-06-15", "party": "us"}).status_code == 409
    rep.post(address("discount_ask", contract.pk), {"reason": "Large volume"})
    asked = DiscountRequest.objects.get()
    assert "Large volume" in page_of(client.as_(manager).get(address("approvals")))
    waiting = "1 discount waits for your decision"
    assert waiting in page_of(client.as_(manager).get(address("waiting")))
    assert address("waiting") in page_of(client.as_(manager).get("/"))
    assert address("waiting") not in page_of(client.as_(owner).get("/"))
    client.as_(manager).post(address("discount_approve", asked.pk), {"reason": ""})
    assert waiting not in page_of(client.as_(manager).get(address("waiting")))
    rep.post(address("offer", contract.pk), {"on": "2026-06-15", "party": "us"})
    assert Contract.objects.get().state == ContractState.OFFERED


def test_an_administrator_sets_up_clauses_and_numbers(client, make_user, db):
    from loudou.contracts.models import ClauseTemplate, NumberSeries
    from loudou.people.choices import Role

    administrator = client.as_(make_user("root", Role.ADMINISTRATOR))
    assert "Without gaps" in page_of(administrator.get(address("settings")))
    administrator.post(
        address("template_add", "goods"),
        {"key": "other", "title": "Packing", "body": "Seaworthy.", "title_zh": "包装", "is_active": "on"},
    )
    added = ClauseTemplate.objects.get(title="Packing")
    administrator.post(address("template_move", added.pk, "up"))
    assert ClauseTemplate.objects.filter(contract_kind="goods", position__gt=0).order_by("-position").first() != added
    series = NumberSeries.objects.get(kind="contract")
    facts = {"pattern": "C{year}-{number:5}", "reset": "yearly", "starts_at": "7", "numbered_at": "signing"}
    administrator.post(address("series_edit", series.pk), facts | {"is_gap_free": "on", "version": series.version})
    series.refresh_from_db()
    assert (series.pattern, series.starts_at) == ("C{year}-{number:5}", 7)


def test_agreed_rates_are_shown_with_the_decimals_they_have(client, owner, drafted):
    from loudou.contracts.services.drafts import LineDraft

    line = LineDraft(Decimal(1), Decimal(100), description="Lease", tax_rate=Decimal("0.015"),
                     discount_rate=Decimal("0.075"))  # fmt: skip
    page = page_of(client.as_(owner).get(address("contract", drafted(lines=[line]).pk)))
    assert ">1.5%<" in page
    assert ">7.5%<" in page


def test_an_administrator_sets_the_usual_tax_and_drafts_start_with_it(client, make_user, owner, customer):
    from loudou.contracts.models import LineTerms, TaxRate
    from loudou.people.choices import Role

    administrator = client.as_(make_user("root", Role.ADMINISTRATOR))
    assert "13%" in page_of(administrator.get(address("settings")))
    assert administrator.get(address("tax_edit", "barter")).status_code == 404
    administrator.post(address("tax_edit", "project"), {"rate": "3"})
    assert TaxRate.objects.get().rate == Decimal("0.03")
    draft = OpportunityDraft("Retrofit", customer_id=customer.pk, amount=Decimal(1030))
    sale = opportunities.create_opportunity(owner, draft=draft, at=dt.datetime(2026, 6, 15, 8, tzinfo=dt.UTC))
    rep = client.as_(owner)
    assert "13% for goods, 6% for services, 3% for projects" in page_of(rep.get(address("from_opportunity", sale.pk)))
    rep.post(address("from_opportunity", sale.pk), {"kind": "project", "tax_rate": "", "tax_included": "on"})
    row = LineTerms.objects.get()
    assert (row.tax_rate, row.net_amount, row.tax_amount) == (Decimal("0.03"), 1000, 30)
    lines = address("lines", row.version.contract_id)
    assert "else 3%" in page_of(rep.get(lines))
    sent = {"line_0": row.line_id, "description_0": "Retrofit", "quantity_0": "1", "unit_price_0": "1030",
            "tax_rate_0": "0", "description_1": "Travel", "unit_price_1": "103"}  # fmt: skip
    rep.post(lines, sent)
    assert list(LineTerms.objects.order_by("position").values_list("tax_rate", flat=True)) == [0, Decimal("0.03")]


@pytest.mark.parametrize(("name", "most"), [("list", 9), ("contract", 32)])
def test_pages_ask_a_fixed_number_of_statements(
    client, owner, signed, drafted, django_assert_max_num_queries, name, most
):
    contract = signed()
    for number in range(5):
        drafted(title=f"More {number}")
    rep = client.as_(owner)
    args = [contract.pk] if name == "contract" else []
    page_of(rep.get(address(name, *args)))
    with django_assert_max_num_queries(most):
        page_of(rep.get(address(name, *args)))


def test_the_paper_is_handed_out_in_both_languages(client, owner, signed):
    contract = signed()
    rep = client.as_(owner)
    for language in ("en", "zh-hans"):
        answer = rep.get(address("pdf", contract.pk, language))
        assert answer.status_code == 200
        assert answer.content.startswith(b"%PDF-")
        assert contract.number in answer["Content-Disposition"]
    assert rep.get(address("pdf", contract.pk, "fr")).status_code == 404


def test_a_customers_page_lists_its_contracts_and_leads_to_its_money(client, owner, stranger, drafted):
    contract = drafted()
    rep = client.as_(owner)
    part = address("of_customer", contract.customer_id)
    assert part in page_of(rep.get(reverse("customers:customer", args=[contract.customer_id])))
    shown = page_of(rep.get(part))
    assert address("contract", contract.pk) in shown
    assert reverse("ledger:customer", args=[contract.customer_id]) in shown
    assert client.as_(stranger).get(part).status_code == 404


def test_a_won_sale_offers_its_contract_until_there_is_one(client, owner, finance, customer, at):
    draft = OpportunityDraft("Two presses", customer_id=customer.pk, amount=Decimal(1500))
    sale = opportunities.create_opportunity(owner, draft=draft, at=at)
    rep, part, draft = client.as_(owner), address("of_opportunity", sale.pk), address("from_opportunity", sale.pk)
    assert part in page_of(rep.get(reverse("pipeline:opportunity", args=[sale.pk])))
    assert "Contracts" not in page_of(rep.get(part))
    moves.win_opportunity(owner, sale.pk, at=at)
    assert draft in page_of(rep.get(part))
    assert rep.post(draft, {"kind": "goods", "tax_rate": "13"}).status_code == 302
    shown = page_of(rep.get(part))
    assert address("contract", Contract.objects.get().pk) in shown
    assert draft not in shown
    assert client.as_(finance).get(part).status_code == 403


def test_a_service_contract_speaks_of_services_and_not_of_goods_in_both_languages(client, finance, signed, lines_of):
    contract = signed(kind="services")
    keeper, first = client.as_(finance), lines_of(contract)[0]
    page = page_of(keeper.get(address("contract", contract.pk)))
    assert "Record a service…" in page
    assert "No service was rendered yet." in page
    form = page_of(keeper.get(address("deliver", contract.pk)))
    assert "Rendered on" in form
    assert "Carrier" not in form
    keeper.post(address("deliver", contract.pk), {"on": "2026-06-10", f"line_{first.pk}": "4"})
    delivery = Delivery.objects.get()
    assert (delivery.carrier, delivery.on) == ("", dt.date(2026, 6, 10))
    back = page_of(keeper.get(address("delivery_return", delivery.pk)))
    assert "Take back a service" in back
    assert "Taken back on" in back
    page = page_of(keeper.get(address("contract", contract.pk)))
    assert f"Service rendered {delivery.number}" in page
    assert "eliver" not in re.sub(r"<[^>]*>|delivery notes", "", page.split('class="deal-page')[1])
    finance.language = "zh-hans"
    finance.save(update_fields=["language"])
    page = page_of(keeper.get(address("contract", contract.pk)))
    assert f"服务 {delivery.number}" in page
    assert "登记服务…" in page
    assert "发货" not in re.sub(r"<[^>]*>", "", page.split('class="deal-page')[1])


@pytest.mark.parametrize(("kind", "words"), [("goods", ("合同清单", "交货期")), ("services", ("服务内容", "完成期限"))])
def test_the_paper_of_a_contract_says_what_fits_its_kind(drafted, two_lines, kind, words):
    due = [replace(line, due_on=dt.date(2026, 9, 1)) for line in two_lines]
    contract = drafted(kind=kind, lines=due)
    paper = paper_of(contract.versions.get(), "zh-hans")
    assert paper.lines[0]["details"].endswith(f"{words[1]} 2026年9月1日")
    assert paper.lines_heading == words[0]
