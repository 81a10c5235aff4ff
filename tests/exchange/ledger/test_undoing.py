"""What an undo leaves: rows that somebody built on since stay and say why; the rest goes, and every balance closes."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from loudou.contracts.models import Allocation, Contract, Instalment, Invoice, PaymentPlan, Receipt
from loudou.contracts.services import allocations, invoices, receipts, refunds
from loudou.contracts.services.ledger_drafts import ReceiptDraft, RedInvoiceDraft, RefundDraft
from loudou.core.refusals import NotVisible
from loudou.exchange import command
from loudou.exchange.models import ImportJob
from loudou.exchange.services import jobs, running

from ..conftest import AT, ran, why
from .conftest import CONTRACTS, PLANS

SOURCES = Path(__file__).resolve().parents[3] / "src"
LATER = AT + dt.timedelta(hours=1)


@pytest.mark.django_db
def test_money_that_somebody_worked_with_stays(everything, undo, finance, findings):
    one, two = (Receipt.objects.get(number=number) for number in ("R-1", "R-3"))
    refunds.refund_receipt(finance, RefundDraft(one.pk, Decimal(10), AT.date(), "Paid twice"), at=LATER)
    entry = Allocation.objects.standing().get(receipt=two)
    allocations.undo_allocation(finance, entry.pk, reason="Other contract", at=LATER)
    job = undo(everything["receipts"])
    assert why(job) == {2: ["Money of it was paid back since."], 4: ["It was allocated anew since."]}
    assert sorted(Receipt.objects.values_list("number", flat=True)) == ["R-1", "R-3"]
    assert findings() == []


@pytest.mark.django_db
def test_contracts_with_money_under_them_stay_until_it_is_taken_back(everything, undo, findings):
    job = undo(everything["contracts"])
    assert why(job) == {row: ["Something was added under it."] for row in (2, 3)}
    assert sorted(Contract.objects.values_list("number", flat=True)) == ["HT-1", "HT-2"]
    assert findings() == []


@pytest.mark.django_db
def test_an_invoice_that_was_taken_back_here_stays(everything, undo, finance, findings):
    blue = Invoice.objects.get(number="F-4")
    invoices.issue_red_invoice(finance, RedInvoiceDraft(blue.pk, AT.date(), "Wrong title"), at=LATER)
    job = undo(everything["invoices"])
    assert why(job) == {5: ["A red invoice takes it back."]}
    assert Contract.objects.get(number="HT-1").lines.get().invoiced_amount == 0
    assert findings() == []


@pytest.mark.django_db
def test_a_plan_comes_back_as_it_was_unless_money_is_on_it(bring, undo, finance, findings):
    bring("contracts", CONTRACTS)
    before = list(Instalment.objects.in_force().order_by("contract_id", "position").values_list("name", "amount"))
    job = bring("payment_plans", PLANS)
    contract = Contract.objects.get(number="HT-2")
    draft = ReceiptDraft(contract.customer_id, Decimal(5), dt.date(2025, 7, 1), contract_id=contract.pk)
    receipts.post_receipt(finance, draft, at=AT)
    job = undo(job)
    assert [row.status for row in job.rows.order_by("number")] == ["undone"] * 3 + ["kept"] * 2 + ["undone"]
    after = Instalment.objects.in_force().exclude(contract=contract).order_by("contract_id", "position")
    rest = [row for row in before if row not in list(contract.instalments.values_list("name", "amount"))]
    assert [(row.name, row.amount) for row in after] == [row for row in rest if row[1] != 60000]
    assert not PaymentPlan.objects.filter(contract__number="HT-4").exists()
    assert findings() == []


@pytest.mark.django_db
def test_finance_neither_sees_nor_undoes_an_import_of_customers(load, finance, operations, everything):
    customers = load("customers", "name\nAcme\n")
    seen = set(ImportJob.objects.visible_to(finance))
    assert everything["receipts"] in seen
    assert customers not in seen
    with pytest.raises(NotVisible):
        jobs.request_undo(finance, customers.pk, at=AT)
    with pytest.raises(NotVisible):
        jobs.request_undo(operations, everything["receipts"].pk, at=AT)
    assert Receipt.objects.count() == 4


@pytest.mark.django_db
def test_rows_without_a_number_are_told_apart_by_what_they_say(bring, undo, findings):
    text = "account,date,amount,remarks\n" + "Hengda Steel,2025-02-01,100,\n" * 2 + "Hengda Steel,2025-02-01,100,x\n"
    job = bring("receipts", text)
    assert ran(job) == {"created": 3}
    assert set(Receipt.objects.values_list("number", flat=True)) == {f"I{job.pk}-{row}" for row in (2, 3, 4)}
    assert ran(bring("receipts", text)) == {"skipped": 3}
    assert ran(bring("receipts", text + "Hengda Steel,2025-02-01,100,\n")) == {"skipped": 3, "created": 1}
    undo(job)
    assert ran(bring("receipts", text)) == {"created": 3}
    assert findings() == []


@pytest.mark.django_db
def test_a_stopped_import_goes_on_where_it_stopped(bring, finance, write, monkeypatch, findings):
    bring("contracts", CONTRACTS)
    monkeypatch.setattr(running, "BATCH", 2)
    path = write("many.csv", "account,date,amount\n" + "Hengda Steel,2025-02-01,100\n" * 5)
    mapping = command.MappingFile(kind="receipts")
    job = command.run(finance, path, now=lambda: AT, mapping=mapping, dry_run=True)
    assert job.counts["check"] == {"created": 5}
    job = jobs.request_run(finance, job.pk, at=AT)
    session = running.Session(job, finance, at=AT)
    assert running._one_batch(session, lambda: AT, dry=False)
    assert Receipt.objects.count() == 2
    running.work_on(job.pk, now=lambda: LATER)
    job.refresh_from_db()
    assert (ran(job), Receipt.objects.count()) == ({"created": 5}, 5)
    assert findings() == []


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_posts_nothing_twice(bring, finance, write, findings, undo):
    bring("contracts", CONTRACTS)
    rows = "".join(f"R-{number},HT-1,2025-02-01,10\n" for number in range(400))
    path = write("many.csv", f"receipt no,contract,date,amount\n{rows}")
    mapping = command.MappingFile(kind="receipts")
    job = command.run(finance, path, now=lambda: AT, mapping=mapping, dry_run=True)
    job = jobs.request_run(finance, job.pk, at=AT)
    names = connection.settings_dict
    place = {name: names[name] for name in ("NAME", "HOST", "PORT", "USER", "PASSWORD")}
    code = (
        "import django\nfrom django.conf import settings\n"
        f"settings.DATABASES['default'].update({place!r})\ndjango.setup()\n"
        "from loudou.core import clock\nfrom loudou.exchange.services import running\n"
        f"running.BATCH = 20\nrunning.work_on({job.pk}, now=clock.now)\n"
    )
    surroundings = {**os.environ, "DJANGO_SETTINGS_MODULE": "loudou.config.settings", "PYTHONPATH": str(SOURCES)}
    worker = subprocess.Popen([sys.executable, "-c", code], env=surroundings)
    deadline = time.monotonic() + 60
    while not Receipt.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert Receipt.objects.count() == job.rows.exclude(status="pending").count()
    running.work_on(job.pk, now=lambda: AT)
    job.refresh_from_db()
    assert (ran(job), Receipt.objects.count()) == ({"created": 400}, 400)
    assert Instalment.objects.get(contract__number="HT-1", is_in_force=True).allocated == 4000
    assert findings() == []
    undo(job)
    assert not Receipt.objects.exists()
    assert findings() == []
