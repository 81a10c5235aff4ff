"""Contracts in a real browser: a rep makes one of a sale, finance posts a receipt and sees what it pays."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from tests.contracts.conftest import at, customer, drafted, offered, product, signed, two_lines

from loudou.catalog.models import Product
from loudou.contracts.choices import ActKind, ContractState, DueBasis
from loudou.contracts.models import Contract, Instalment, Receipt
from loudou.core import clock
from loudou.customers.choices import Phase
from loudou.customers.models import Customer
from loudou.pipeline.services.drafts import LineDraft, OpportunityDraft
from loudou.pipeline.services.moves import win_opportunity
from loudou.pipeline.services.opportunities import create_opportunity

__all__ = ["at", "customer", "drafted", "offered", "product", "signed", "two_lines"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("language", "open_form", "post", "allocated"),
    [("en", "Receipt…", "Post", "Oldest due first"), ("zh-hans", "回款…", "过账", "先到期先核销")],
    ids=["en", "zh"],
)
def test_finance_posts_a_receipt_and_sees_what_it_pays(page_as, finance, signed, language, open_form, post, allocated):
    contract = signed()
    page = page_as(finance, language=language)
    page.goto(reverse("contracts:contract", args=[contract.pk]))
    page.locator(".page-head-actions").get_by_role("link", name=open_form).click()
    dialog = page.locator("#dialog-host")
    dialog.locator("[name=amount]").fill("500")
    dialog.get_by_role("button", name=post, exact=True).click()
    expect(dialog).not_to_be_visible()
    receipt = Receipt.objects.get()
    assert (receipt.amount, receipt.allocated, receipt.available) == (Decimal(500), Decimal(500), Decimal(0))
    page.get_by_role("link", name=receipt.number).click()
    expect(page.locator("#panel")).to_contain_text(allocated)
    expect(page.locator("#panel")).to_contain_text(contract.title)


def test_a_form_does_not_jump_while_its_choosers_are_being_fetched(page_as, finance, signed):
    contract = signed()
    page = page_as(finance)
    held = []
    page.route("**/tom-select*", lambda route: held.append(route))  # noqa: PLW0108 - playwright counts parameters
    page.goto(reverse("contracts:contract", args=[contract.pk]))
    page.locator(".page-head-actions").get_by_role("link", name="Receipt…").click()
    button = page.locator("#dialog-host").get_by_role("button", name="Post", exact=True)
    before = button.bounding_box()
    style, script = sorted(held, key=lambda route: route.request.resource_type == "script")
    with page.expect_event("requestfinished"):
        script.continue_()
    page.wait_for_timeout(200)
    assert button.bounding_box() == before
    style.continue_()
    expect(page.locator("#dialog-host .ts-wrapper").first).to_be_visible()
    assert button.bounding_box() == before


TERMS_TYPED = {
    "performance_from": "2026-07-01",
    "performance_until": "2026-09-30",
    "performance_place": "1 Steel Road, Wuhan",
    "performance_manner": "truck, freight paid",
    "quality_standard": "GB/T 9164-2018",
    "acceptance_days": "7",
    "warranty_months": "12",
    "penalty_rate": "0.05",
    "dispute_venue": "the People's Court of Wuhan",
}
"""Terms that fill every clause that ships, as somebody types them."""


class Words(NamedTuple):
    """What the pages of a sale that becomes a contract say in one language."""

    draft: str
    draft_it: str
    missing: str
    listed: str
    fill_in: str
    nothing_missing: str
    offer: str
    offer_it: str
    sign: str
    sign_it: str
    amounts: str
    states: tuple[str, str, str]
    instalment: list[str]
    phase: str
    next_phase: str


ENGLISH = Words(
    draft="Draft the contract…", draft_it="Draft it", missing="quality standard not filled in",
    listed="performance until, place of performance, manner of performance not filled in", fill_in="Fill in",
    nothing_missing="All main clauses are there.", offer="Offer…", offer_it="Offer",
    sign="Signed…", sign_it="Record the signature", amounts="CN¥1,450 CN¥1,283.19 + CN¥166.81 tax",
    states=("Draft", "Offered", "Signed"),
    instalment=["1. Payment", "On complete delivery · 30 days later", "CN¥1,450", "CN¥0", "CN¥1,450"],
    phase="Target customer", next_phase="Missing for “Signed”",
)  # fmt: skip
CHINESE = Words(
    draft="起草合同…", draft_it="起草", missing="未填写：质量标准",
    listed="未填写：履行截止日、履行地点、履行方式", fill_in="填写",
    nothing_missing="主要条款齐全。", offer="发出要约…", offer_it="要约",
    sign="已签署…", sign_it="记录签署", amounts="¥1,450 ¥1,283.19 + 税 ¥166.81",
    states=("草稿", "已发出要约", "已签订"),
    instalment=["1. 货款", "全部交付时 · 30 天后", "¥1,450", "¥0", "¥1,450"],
    phase="目标客户", next_phase="签约客户",
)  # fmt: skip


@pytest.fixture
def sale(owner, customer, product):
    """A won sale of the owner: ten presses at 100, and an installation at 500 less a tenth; 1,450.00."""
    fitting = Product.objects.create(name="Installation", unit="job", list_price=Decimal(500), currency="CNY")
    lines = (LineDraft(product.pk, Decimal(10), Decimal(100)),
             LineDraft(fitting.pk, Decimal(1), Decimal(500), discount_rate=Decimal("0.1")))  # fmt: skip
    draft = OpportunityDraft(subject="Two presses", customer_id=customer.pk, lines=lines)
    opened = create_opportunity(owner, draft=draft, at=clock.now())
    return win_opportunity(owner, opened.pk, at=clock.now()).opportunity


WIDE_TABLES = "[...document.querySelectorAll('.table-responsive')].filter(it => it.scrollWidth > it.clientWidth).length"


def act(page, open_form, save, **fields):
    """Open a dialog from the head of the page, fill it and save it."""
    page.locator(".page-head-actions").get_by_role("link", name=open_form, exact=True).click()
    dialog = page.locator("#dialog-host")
    for name, value in fields.items():
        dialog.locator(f"[name={name}]").fill(value)
    dialog.get_by_role("button", name=save, exact=True).click()
    expect(dialog).not_to_be_visible()


@pytest.mark.parametrize(
    ("words", "language", "theme", "width"),
    [(ENGLISH, "en", "light", 1440), (CHINESE, "zh-hans", "dark", 390)],
    ids=["en", "zh"],
)
def test_a_rep_makes_a_contract_of_a_won_sale(page_as, axe, owner, manager, sale, words, language, theme, width):
    look = {"language": language, "theme": theme, "width": width}
    page = page_as(owner, **look)
    page.goto(reverse("pipeline:opportunity", args=[sale.pk]))
    page.get_by_role("link", name=words.draft).click()
    dialog = page.locator("#dialog-host")
    dialog.locator("[name=tax_rate]").fill("13")
    dialog.get_by_role("button", name=words.draft_it, exact=True).click()
    page.wait_for_url("**/contracts/*/")
    contract = Contract.objects.get()
    assert (contract.opportunity, contract.owner, contract.amount) == (sale, owner, Decimal(1450))
    assert (contract.net_amount, contract.tax_amount) == (Decimal("1283.19"), Decimal("166.81"))
    step, head = page.locator(".contract-page > .stage-bar [aria-current=step] span"), page.locator(".deal-head")
    expect(step).to_have_text(words.states[0])
    expect(head).to_contain_text(words.amounts)

    criteria = page.locator(".criteria")
    expect(criteria).to_contain_text(words.listed)
    criteria.get_by_role("listitem").filter(has_text=words.missing).get_by_role("link", name=words.fill_in).click()
    fill_terms(page)
    expect(criteria).to_contain_text(words.nothing_missing)
    day = contract.drafted_on
    lasting = day + dt.timedelta(days=30)
    act(page, words.offer, words.offer_it, on=day.isoformat(), valid_until=lasting.isoformat())
    expect(step).to_have_text(words.states[1])
    contract.refresh_from_db()
    assert (contract.state, contract.offered_on, contract.offer_valid_until) == (ContractState.OFFERED, day, lasting)
    expect(page.get_by_role("link", name=words.sign, exact=True)).to_have_count(0)

    signing = page_as(manager, **look)
    signing.goto(reverse("contracts:contract", args=[contract.pk]))
    act(signing, words.sign, words.sign_it, on=day.isoformat())
    expect(signing.locator(".contract-page > .stage-bar [aria-current=step] span")).to_have_text(words.states[2])
    contract.refresh_from_db()
    assert (contract.state, contract.signed_on) == (ContractState.SIGNED, day)
    assert contract.number == f"HT{day.year}-0001"
    assert list(contract.acts.order_by("pk").values_list("kind", "actor")) == [
        (ActKind.OFFERED, owner.pk),
        (ActKind.SIGNED, manager.pk),
    ]

    page.reload()
    expect(page.locator("h1")).to_have_text(f"HT{day.year}-0001 Two presses")
    expect(page.get_by_role("row").filter(has_text=words.instalment[0]).locator("th, td")).to_have_text(
        words.instalment
    )
    instalment = Instalment.objects.get()
    assert (instalment.contract, instalment.is_in_force, instalment.open_amount) == (contract, True, Decimal(1450))
    assert (instalment.basis, instalment.offset_days, instalment.due_on) == (DueBasis.DELIVERY, 30, None)
    axe(page)
    # Lines and instalments fold up instead of being pushed sideways.
    assert page.evaluate(f"[document.documentElement.scrollWidth <= innerWidth, {WIDE_TABLES}]") == [True, 0]
    head.get_by_role("link", name="Hengda Steel").click()
    # A signature makes a target customer; signed is who has paid the first instalment as well.
    phase = page.locator(".phase-card")
    expect(phase.locator(".phase-strip [aria-current=step] span")).to_have_text(words.phase)
    expect(phase.get_by_role("heading", name=words.next_phase)).to_be_visible()
    address = reverse("contracts:contract", args=[contract.pk])
    expect(phase.locator(".card-body").get_by_role("link").first).to_have_attribute("href", address)
    assert Customer.objects.get().phase == Phase.TARGET


def fill_terms(page):
    """Fill the terms in the open dialog, with what every clause asks for."""
    dialog = page.locator("#dialog-host")
    for name, value in TERMS_TYPED.items():
        dialog.locator(f"[name={name}]").fill(value)
    dialog.locator("[data-save-button]").click()
    expect(dialog).not_to_be_visible()
