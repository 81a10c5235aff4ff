"""The example set, in English and Chinese, and money in another currency."""

from __future__ import annotations

import datetime as dt
import tomllib
from decimal import Decimal

import pytest

from loudou.contracts.models import Contract, ExchangeDifference, Instalment, Invoice, Receipt, Refund
from loudou.contracts.selectors import reconciliation
from loudou.core.models import ExchangeRate
from loudou.core.rates import company
from loudou.exchange import command

from ..conftest import AT, EXAMPLES, ran, why

pytestmark = pytest.mark.django_db
FOLDER = EXAMPLES / "contracts"


@pytest.fixture
def example(administrator):
    """Load the whole example: the job of each file."""
    company()
    loaded = {}
    for entry in tomllib.loads((FOLDER / "batch.toml").read_text())["files"]:
        mapping = command.MappingFile.load(FOLDER / entry["mapping"])
        job = command.run(administrator, FOLDER / entry["file"], now=lambda: AT, mapping=mapping)
        loaded[entry["file"].removesuffix(".csv")] = job
    return loaded


def facts(number):
    contract = Contract.objects.get(number=number)
    rows = Instalment.objects.in_force().filter(contract=contract).order_by("position")
    return contract.state, contract.amount, [(row.amount, row.allocated, row.cash) for row in rows]


def test_every_row_of_the_example_is_loaded(example, findings):
    assert {name: ran(job) for name, job in example.items()} == {
        "customers": {"created": 2},
        "contracts": {"created": 3, "line": 1},
        "payment_plans": {"updated": 2, "line": 2},
        "deliveries": {"created": 4, "line": 1},
        "invoices": {"created": 5},
        "receipts": {"created": 5, "line": 1},
        "客户": {"created": 1},
        "合同": {"created": 2},
        "回款计划": {"updated": 2, "line": 2},
        "发货": {"created": 1},
        "发票": {"created": 3},
        "回款": {"created": 4},
    }
    assert all(why(job) == {} for job in example.values())
    assert findings() == []


def test_the_english_files_to_the_cent(example):
    assert facts("HX-2025-01") == ("completed", 226000, [(67800, 67800, 67800), (135600,) * 3, (22600,) * 3])
    assert facts("HX-2025-02") == ("performing", 12000, [(12000, 12000, 12000)])
    assert facts("NW-2025-07") == ("terminated", 10000, [(10000, 2000, 2000)])
    lines = Contract.objects.get(number="HX-2025-01").lines.order_by("number")
    assert [(line.ordered_amount, line.invoiced_amount) for line in lines] == [(200000, 200000), (26000, 26000)]
    red = Invoice.objects.red().get(number="25952000000000000117")
    assert (red.amount, red.corrects.number) == (-26000, "25952000000000000102")
    assert Receipt.objects.get(number="R-2025-002").cash_on == dt.date(2025, 12, 29)


def test_the_chinese_files_to_the_cent(example, administrator):
    assert facts("HD-2025-018") == ("completed", 226000, [(67800, 67800, 67800), (135600,) * 3, (22600, 0, 0)])
    assert facts("HD-2025-031") == ("performing", 60000, [(60000, 60000, 60000)])
    contract = Contract.objects.get(number="HD-2025-018")
    assert (contract.title, contract.kind, contract.net_amount) == ("两台压力机", "goods", 200000)
    figures = reconciliation.contract_figures(administrator, contract.pk, today=AT.date())
    assert (figures.ordered, figures.invoiced, figures.received, figures.open) == (226000, 226000, 203400, 22600)
    spring = reconciliation.contract_figures(administrator, contract.pk, today=AT.date(), on=dt.date(2025, 5, 1))
    assert (spring.ordered, spring.invoiced, spring.received, spring.overdue) == (226000, 0, 67800, 0)
    refund = Refund.objects.get(receipt__number="HK-0801")
    assert (refund.amount, refund.refunded_on, refund.receipt.available) == (5000, dt.date(2025, 8, 20), 0)


def test_foreign_money_is_worth_what_the_rates_of_its_days_say(bring, findings):
    company()
    for on, rate in (("2025-01-01", "7.00"), ("2025-03-01", "7.20"), ("2025-06-01", "6.95")):
        ExchangeRate.objects.create(currency="USD", on=dt.date.fromisoformat(on), rate=Decimal(rate))
    bring("contracts", "contract no,account,status,signed on,amount\nU-1,Hengda Steel,signed,2025-02-10,US$1000\n")
    plan = "contract no,instalment,amount,due\nU-1,First,400,2025-03-31\nU-1,Second,$600,2025-06-30\n"
    bring("payment_plans", plan, options={"currency": "USD"})
    bring("invoices", "invoice no,contract,date,amount\nU-F1,U-1,2025-03-15,400\n")
    job = bring("receipts", "receipt no,contract,date,amount\nU-R1,U-1,2025-03-20,400\nU-R2,U-1,2025-06-10,100 USD\n")
    assert (ran(job), why(job)) == ({"created": 2}, {})
    assert Contract.objects.get().amount_base == 7000
    assert Invoice.objects.get().amount_base == 2880
    assert list(Receipt.objects.order_by("number").values_list("currency", "rate", "amount_base", "available")) == [
        ("USD", Decimal("7.2"), 2880, 0),
        ("USD", Decimal("6.95"), 695, 0),
    ]
    gains = ExchangeDifference.objects.order_by("on").values_list("on", "amount_base")
    assert list(gains) == [(dt.date(2025, 3, 20), 80), (dt.date(2025, 6, 10), -5)]
    assert findings() == []
