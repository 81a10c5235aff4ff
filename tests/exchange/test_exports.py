"""Exports: safe to open, audited, with the rows of the person who asks."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.utils import translation
from python_calamine import CalamineWorkbook

from loudou.core.refusals import PermissionRefused
from loudou.customers.models import Customer
from loudou.exchange.errors import UnknownFormat
from loudou.exchange.exports import ExportColumn, csv_chunks, export, guarded, write_xlsx
from loudou.people.models import AuditEntry

from .conftest import AT

COLUMNS = [ExportColumn("Name", lambda row: row.name), ExportColumn("Employees", lambda row: row.employees)]


def table(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_list_becomes_a_file_and_the_audit_knows(owner, db):
    Customer.objects.create(name="华信, 机械", owner=owner, employees=5)
    Customer.objects.create(name="=1+1", owner=owner)
    file = export(
        owner,
        permission="customers.export",
        name="customers",
        columns=COLUMNS,
        rows=Customer.objects.get_queryset().visible_to(owner).order_by("pk"),
        file_format="csv",
        at=AT,
        query="city=Rome",
    )
    content = b"".join(file.chunks)
    assert content.startswith(b"\xef\xbb\xbf")
    assert table(content) == [["Name", "Employees"], ["华信, 机械", "5"], ["'=1+1", ""]]
    assert file.headers["Cache-Control"] == "no-store"
    entry = AuditEntry.objects.get(table_name="exported")
    assert (entry.actor, entry.after["rows"], entry.after["query"]) == (owner, 2, "city=Rome")


def test_a_file_is_in_the_language_of_whoever_asked_though_it_is_streamed_later(owner, db):
    Customer.objects.create(name="Acme", owner=owner, kind="agent")
    columns = [ExportColumn("Kind", lambda row: row.get_kind_display())]
    rows = Customer.objects.get_queryset().visible_to(owner)
    with translation.override("zh-hans"):
        file = export(
            owner, permission="customers.export", name="x", columns=columns, rows=rows, file_format="csv", at=AT
        )
    assert table(b"".join(file.chunks))[1] == ["代理商"]


def test_without_the_right_nothing_is_exported_nor_recorded(finance, db):
    with pytest.raises(PermissionRefused):
        export(finance, permission="pipeline.export", name="x", columns=COLUMNS, rows=[], file_format="csv", at=AT)
    assert not AuditEntry.objects.filter(table_name="exported").exists()


def test_only_known_formats(owner, db):
    with pytest.raises(UnknownFormat):
        export(owner, permission="customers.export", name="x", columns=COLUMNS, rows=[], file_format="pdf", at=AT)


@pytest.mark.parametrize("text", ["=1", "+49 30", "-x", "@a", "\tb", "\rc", "＝1"])
def test_what_looks_like_a_formula_is_guarded(text):
    assert guarded(text) == "'" + text


def test_values_keep_their_digits(tmp_path):
    record = [Decimal("1234567890123456.78"), Decimal("0.10"), dt.date(2026, 3, 1), "=x", True, None, 7]
    headings = list("abcdefg")
    assert table(b"".join(csv_chunks(headings, [record])))[1] == [
        "1234567890123456.78", "0.1", "2026-03-01", "'=x", "yes", "", "7",
    ]  # fmt: skip
    path = tmp_path / "a.xlsx"
    with path.open("wb") as file:
        write_xlsx(file, "list", headings, [record])
    row = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()[1]
    assert row[:5] == ["1234567890123456.78", 0.1, dt.date(2026, 3, 1), "=x", "yes"]


def test_a_long_list_does_not_grow_in_memory():
    chunks = csv_chunks(["n"], ([number] for number in range(200_000)))
    assert max(len(chunk) for chunk in chunks) < 80 * 1024
