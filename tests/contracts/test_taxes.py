"""The tax rate that lines start with: of the product, of the kind of contract, of the company; none for exports."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from loudou.catalog.models import Product
from loudou.contracts.choices import ContractKind
from loudou.contracts.models import LineTerms, TaxRate
from loudou.contracts.selectors.taxes import usual_rates
from loudou.contracts.services import drafting, editing
from loudou.contracts.services.drafts import ContractDraft, LineDraft
from loudou.contracts.services.taxes import set_tax_rate
from loudou.core.models import ExchangeRate
from loudou.core.rates import company
from loudou.core.refusals import InvalidInput, PermissionRefused, StaleWrite
from loudou.pipeline.services import opportunities
from loudou.pipeline.services.drafts import LineDraft as SaleLine
from loudou.pipeline.services.drafts import OpportunityDraft

PLAIN = LineDraft(Decimal(1), Decimal(1130), description="Machine")


def rates_of(contract):
    rows = LineTerms.objects.filter(version__contract=contract).order_by("position")
    return list(rows.values_list("tax_rate", flat=True))


@pytest.fixture
def draft(owner, customer, at):
    """Draft a contract of lines: `draft(PLAIN, kind=...)`."""

    def make(*lines, **facts):
        given = {"title": "Machines", "customer_id": customer.pk, "lines": lines} | facts
        return drafting.draft_contract(owner, draft=ContractDraft(**given), at=at)

    return make


def test_a_contract_of_a_sale_starts_with_the_usual_tax(owner, customer, product, at):
    repair = Product.objects.create(name="Repair", list_price=Decimal(106), currency="CNY", tax_rate=Decimal("0.06"))
    lines = [SaleLine(product.pk, Decimal(1), Decimal(113)), SaleLine(repair.pk, Decimal(1), Decimal(106))]
    sale = opportunities.create_opportunity(
        owner, draft=OpportunityDraft("A press and its repair", customer_id=customer.pk, lines=lines), at=at
    )
    contract = drafting.draft_contract_from_opportunity(owner, sale.pk, at=at)
    assert rates_of(contract) == [Decimal("0.13"), Decimal("0.06")]
    assert (contract.net_amount, contract.tax_amount, contract.amount) == (200, 19, 219)


@pytest.mark.parametrize(
    ("kind", "rate"),
    [(ContractKind.GOODS, "0.13"), (ContractKind.SERVICES, "0.06"), (ContractKind.PROJECT, "0.09")],
)
def test_a_company_in_yuan_starts_with_the_rates_of_china(draft, kind, rate):
    assert rates_of(draft(PLAIN, kind=kind)) == [Decimal(rate)]


def test_a_company_elsewhere_starts_without_tax_until_it_sets_a_rate(draft, administrator):
    ours = company()
    ours.base_currency = "EUR"
    ours.save()
    assert rates_of(draft(PLAIN)) == [0]
    set_tax_rate(administrator, contract_kind=ContractKind.GOODS, rate=Decimal("0.19"))
    assert rates_of(draft(PLAIN)) == [Decimal("0.19")]
    assert rates_of(draft(PLAIN, kind=ContractKind.SERVICES)) == [0]


def test_a_contract_in_a_foreign_currency_starts_without_tax_even_with_a_taxed_product(draft, product):
    ExchangeRate.objects.create(currency="USD", on=dt.date(2026, 1, 1), rate=Decimal("7.1"))
    product.tax_rate = Decimal("0.13")
    product.save()
    assert rates_of(draft(PLAIN, LineDraft(Decimal(1), Decimal(10), product_id=product.pk), currency="USD")) == [0, 0]


def test_a_rate_that_is_given_counts_zero_included(draft):
    free = LineDraft(Decimal(1), Decimal(100), description="Export papers", tax_rate=Decimal(0))
    assert rates_of(draft(PLAIN, free)) == [Decimal("0.13"), 0]


def test_a_line_that_is_continued_keeps_its_rate_and_a_new_one_gets_the_usual(draft, owner):
    contract = draft(LineDraft(Decimal(1), Decimal(100), description="Old", tax_rate=Decimal("0.03")))
    line = contract.lines.get()
    again = LineDraft(Decimal(2), Decimal(100), description="Old", line_id=line.pk)
    editing.set_lines(owner, contract.pk, lines=[again, PLAIN])
    assert rates_of(contract) == [Decimal("0.03"), Decimal("0.13")]


def test_an_administrator_sets_the_rate_of_a_kind_and_takes_it_back(draft, administrator, owner):
    row = set_tax_rate(administrator, contract_kind=ContractKind.GOODS, rate=Decimal("0.03"))
    before = draft(PLAIN)
    with pytest.raises(StaleWrite):
        set_tax_rate(administrator, contract_kind=ContractKind.GOODS, rate=Decimal("0.05"), version=row.version + 1)
    with pytest.raises(InvalidInput):
        set_tax_rate(administrator, contract_kind=ContractKind.GOODS, rate=Decimal("1.5"))
    with pytest.raises(PermissionRefused):
        set_tax_rate(owner, contract_kind=ContractKind.GOODS, rate=Decimal(0))
    assert [(rate.kind, rate.rate) for rate in usual_rates()] == [
        (ContractKind.GOODS, Decimal("0.03")),
        (ContractKind.SERVICES, Decimal("0.06")),
        (ContractKind.PROJECT, Decimal("0.09")),
    ]
    set_tax_rate(administrator, contract_kind=ContractKind.GOODS, rate=None, version=row.version)
    assert not TaxRate.objects.exists()
    assert rates_of(draft(PLAIN)) == [Decimal("0.13")]
    assert rates_of(before) == [Decimal("0.03")]
