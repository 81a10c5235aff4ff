"""Uploads that nobody finishes: the lists say until when they are kept, then they go, and nothing else does."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from loudou.core.actors import SYSTEM
from loudou.customers.models import Customer
from loudou.exchange.models import ImportJob, ImportRow, StatementFile
from loudou.exchange.services import jobs, statement_files
from loudou.exchange.services.sweeping import sweep_unfinished

from .conftest import AT

pytestmark = pytest.mark.django_db
TEXT = "交易日期,对方户名,贷方发生额\n2026-06-12,恒达,450.00\n"


@pytest.fixture
def bank_file(finance):
    """A bank's file that was not read in."""
    content = ContentFile(TEXT.encode())
    return statement_files.begin_statement_file(finance, content=content, name="june.csv", account="ICBC", limit_mb=1)


def aged(record, days):
    """Make a record one that nobody touched for so many days."""
    then = timezone.now() - dt.timedelta(days=days)
    type(record).objects.filter(pk=record.pk).update(updated_at=then)
    return record


def files(folder):
    """Names of the files that are kept."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_what_nobody_touched_for_thirty_days_goes_with_its_file_and_rows(
    load, bank_file, settings, django_capture_on_commit_callbacks
):
    tried = aged(load("customers", "name\nAcme\n", dry_run=True), 31)
    aged(bank_file, 31)
    assert len(files(settings.MEDIA_ROOT)) == 2
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_unfinished(SYSTEM, at=timezone.now()) == 2
    assert not ImportJob.objects.filter(pk=tried.pk).exists()
    assert not (StatementFile.objects.exists() or ImportRow.objects.exists() or files(settings.MEDIA_ROOT))


def test_what_was_touched_since_or_was_read_in_stays(load, bank_file, finance, operations, settings):
    aged(load("customers", "name\nAcme\n"), 400)
    fresh = aged(load("customers", "name\nBeta\n", dry_run=True), 29)
    statement_files.read_in_file(finance, bank_file.pk, leaving_out=0, at=AT)
    aged(bank_file, 400)
    touched = aged(load("customers", "name\nCeta\n", dry_run=True), 31)
    jobs.choose_matching(operations, touched.pk, on_match="skip")
    assert sweep_unfinished(SYSTEM, at=timezone.now()) == 0
    assert (ImportJob.objects.count(), StatementFile.objects.count()) == (3, 1)
    assert Customer.objects.get().name == "Acme"
    settings.UNFINISHED_UPLOAD_DAYS = 28
    assert sweep_unfinished(SYSTEM, at=timezone.now()) == 1
    assert not ImportJob.objects.filter(pk=fresh.pk).exists()


def test_the_lists_say_until_when_what_is_unfinished_is_kept(client, load, bank_file, operations, finance):
    load("customers", "name\nAcme\n")
    when = dt.datetime(2026, 6, 1, 4, 0, tzinfo=dt.UTC)
    tried = load("customers", "name\nBeta\n", dry_run=True)
    for record in (tried, bank_file):
        type(record).objects.filter(pk=record.pk).update(updated_at=when)
    imports = client.as_(operations).get("/import/").content.decode()
    assert imports.count("Kept until") == 1
    assert "Kept until 1 Jul 2026" in imports
    assert "Kept until 1 Jul 2026" in client.as_(finance).get("/bank/add/").content.decode()
