"""A dry run rolls each batch back, and still says of what takes something back what the run will say of it."""

from __future__ import annotations

import pytest

from loudou.contracts.models import Delivery, Invoice, Receipt, Refund
from loudou.exchange.services import correcting, jobs, running
from loudou.exchange.services.kinds.deliveries import DeliveryWriter
from loudou.exchange.services.kinds.invoices import InvoiceWriter
from loudou.exchange.services.kinds.receipts import ReceiptWriter

from ..conftest import AT, ran, tried, why
from .conftest import CONTRACTS

pytestmark = pytest.mark.django_db
FOUND = "What it takes back is in an earlier row of this file; the import finds it when it runs."
FILES = {
    "receipts": "receipt no,account,date,amount\nR-1,Hengda Steel,2025-01-18,500\nR-2,Hengda Steel,2025-02-01,-200\n"
    "R-3,Bolt Works,2025-02-01,-200\n",
    "invoices": "invoice no,contract,date,amount\nF-1,HT-1,2025-03-16,1000\nF-2,HT-1,2025-04-16,-1000\n"
    "F-3,HT-2,2025-07-01,-1000\n",
    "deliveries": "delivery no,contract,date,quantity\nD-1,HT-1,2025-02-16,1\nD-2,HT-1,2025-03-16,-1\n"
    "D-3,HT-2,2025-07-01,-1\n",
}


def upside_down(kind):
    """The same file with what takes something back above what it names."""
    heading, original, back, _other = FILES[kind].splitlines()
    name, number = {"receipts": "refund of", "invoices": "corrects", "deliveries": "return of"}[kind], original[:3]
    return "\n".join([f"{heading},{name}", f"{back},{number}", f"{original},", ""])


@pytest.fixture(autouse=True)
def one_row_a_batch(monkeypatch, bring):
    """Contracts to post on, and batches of a single row."""
    bring("contracts", CONTRACTS)
    for writer in (ReceiptWriter, InvoiceWriter, DeliveryWriter):
        monkeypatch.setattr(writer, "batch", 1)


@pytest.mark.parametrize("kind", FILES)
def test_what_takes_back_an_earlier_row_passes_although_its_batch_was_rolled_back(bring, finance, kind):
    job = bring(kind, FILES[kind], dry_run=True)
    assert tried(job) == {"created": 2, "failed": 1}
    assert why(job)[3] == [FOUND]
    assert not (Receipt.objects.exists() or Invoice.objects.exists() or Delivery.objects.exists())
    jobs.request_run(finance, job.pk, at=AT)
    running.work_on(job.pk, now=lambda: AT)
    job.refresh_from_db()
    assert ran(job) == {"created": 2, "failed": 1}
    assert list(why(job)) == [4]


def test_a_corrected_row_is_tried_again_with_what_the_first_dry_run_found(bring, finance):
    text = FILES["receipts"].replace("-200\nR-3", "-900\nR-3").replace("2025-02-01,-900", "2025-02-31,-200")
    job = bring("receipts", text, dry_run=True)
    assert tried(job) == {"created": 1, "failed": 2}
    correcting.edit_row(finance, job.pk, 3, cells=["R-2", "Hengda Steel", "2025-02-01", "-200"])
    jobs.request_check(finance, job.pk, at=AT)
    running.work_on(job.pk, now=lambda: AT)
    job.refresh_from_db()
    assert tried(job) == {"created": 2, "failed": 1}
    jobs.request_run(finance, job.pk, at=AT)
    running.work_on(job.pk, now=lambda: AT)
    assert Refund.objects.get().receipt.number == "R-1"


@pytest.mark.parametrize("kind", FILES)
def test_an_original_that_is_named_may_stand_in_a_later_batch(bring, finance, kind):
    job = bring(kind, upside_down(kind), dry_run=True)
    assert (tried(job), why(job)) == ({"created": 2}, {})
    jobs.request_run(finance, job.pk, at=AT)
    running.work_on(job.pk, now=lambda: AT)
    job.refresh_from_db()
    assert (ran(job), why(job)) == ({"created": 2}, {})
    assert not job.rows.filter(target_id=None).exists()


@pytest.mark.parametrize("kind", FILES)
def test_what_names_an_original_that_is_refused_is_refused_by_the_dry_run_too(bring, finance, kind):
    original = FILES[kind].splitlines()[1]
    text = upside_down(kind).replace(original, original.replace("2025-", "2025-02-31 "))
    job = bring(kind, text, dry_run=True)
    assert (tried(job), sorted(why(job))) == ({"failed": 2}, [2, 3])
    told = why(job)[2]
    jobs.request_run(finance, job.pk, at=AT)
    running.work_on(job.pk, now=lambda: AT)
    job.refresh_from_db()
    assert (ran(job), why(job)[2]) == ({"failed": 2}, told)


def test_a_refund_of_a_receipt_that_was_refused_in_an_earlier_batch_is_refused_by_the_dry_run_too(bring, finance):
    heading = "receipt no,account,date,amount,refund of"
    text = f"{heading}\nR-1,Hengda Steel,2025-01-32,500,\nR-2,Hengda Steel,2025-02-01,-200,R-1\n"
    job = bring("receipts", text, dry_run=True)
    assert tried(job) == {"failed": 2}
    assert why(job)[3] == ["Refund of receipt number: There is no receipt “R-1” that the money could be of."]
