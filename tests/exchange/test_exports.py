"""Exports: safe to open, audited, with the rows of the person who asks."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.db import OperationalError
from django.utils import translation
from python_calamine import CalamineWorkbook

from loudou.core import audit
from loudou.core.refusals import PermissionRefused
from loudou.customers.models import Customer
from loudou.exchange.errors import UnknownFormat
from loudou.exchange.exports import ExportColumn, csv_chunks, export, guarded, write_xlsx
from loudou.people.models import AuditEntry

from .conftest import AT

COLUMNS = [ExportColumn("Name", lambda row: row.name), ExportColumn("Employees", lambda row: row.employees)]


def now():
    return AT


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
        now=now,
        address="/customers/?city=Rome",
        filters="City: Rome",
    )
    content = b"".join(file.chunks)
    assert content.startswith(b"\xef\xbb\xbf")
    assert table(content) == [["Name", "Employees"], ["华信, 机械", "5"], ["'=1+1", ""]]
    assert file.headers["Cache-Control"] == "no-store"
    begun = AuditEntry.objects.get(table_name="exported")
    ended = AuditEntry.objects.get(table_name="export_ended")
    assert (begun.actor, begun.after["address"], begun.after["filters"]) == (
        owner,
        "/customers/?city=Rome",
        "City: Rome",
    )
    assert (ended.actor, ended.object_id) == (owner, str(begun.pk))
    assert ended.after == {"list": "customers", "outcome": "finished", "rows": 2, "bytes": len(content)}


def test_a_file_is_in_the_language_of_whoever_asked_though_it_is_streamed_later(owner, db):
    Customer.objects.create(name="Acme", owner=owner, kind="agent")
    columns = [ExportColumn("Kind", lambda row: row.get_kind_display())]
    rows = Customer.objects.get_queryset().visible_to(owner)
    with translation.override("zh-hans"):
        file = export(
            owner,
            permission="customers.export",
            name="x",
            columns=columns,
            rows=rows,
            file_format="csv",
            now=now,
        )
    assert table(b"".join(file.chunks))[1] == ["代理商"]


def test_without_the_right_nothing_is_exported_nor_recorded(finance, db):
    with pytest.raises(PermissionRefused):
        export(finance, permission="pipeline.export", name="x", columns=COLUMNS, rows=[], file_format="csv", now=now)
    assert not AuditEntry.objects.filter(table_name="exported").exists()


def many(owner, count=4000, *, broken=False):
    """An export of rows that fill several pieces; a broken one finds its last row unreadable."""

    def rows():
        yield from range(count)
        if broken:
            raise RuntimeError("unreadable")

    columns = [ExportColumn("Text", lambda number: f"{number} " + "x" * 50)]
    return export(
        owner,
        permission="customers.export",
        name="numbers",
        columns=columns,
        rows=rows(),
        file_format="csv",
        now=now,
    )


def ends():
    """What is written down about the end of exports."""
    return [entry.after for entry in AuditEntry.objects.filter(table_name="export_ended")]


def test_a_stream_that_is_broken_off_is_recorded_with_what_was_sent_by_then(owner, db):
    file = many(owner)
    sent = len(next(file.chunks))
    assert ends() == []
    file.chunks.close()
    file.chunks.close()
    [end] = ends()
    assert (end["outcome"], end["bytes"]) == ("broken_off", sent)
    assert 0 < end["rows"] < 4000


def test_a_stream_that_nobody_began_to_read_is_broken_off(owner, db):
    many(owner).chunks.close()
    assert [(end["outcome"], end["rows"], end["bytes"]) for end in ends()] == [("broken_off", 0, 0)]


def test_a_stream_that_fails_is_recorded_as_such_and_the_mistake_is_not_hidden(owner, db):
    file = many(owner, broken=True)
    with pytest.raises(RuntimeError):
        b"".join(file.chunks)
    file.chunks.close()
    assert [(end["outcome"], end["rows"]) for end in ends()] == [("failed", 4000)]


def test_the_end_says_where_the_request_came_from_though_it_is_over(owner, db):
    with audit.source("web", request_id="r-1", ip="10.0.0.7"):
        file = many(owner, 3)
    b"".join(file.chunks)
    end = AuditEntry.objects.get(table_name="export_ended")
    assert (end.source, end.request_id, end.ip_address, end.at) == ("web", "r-1", "10.0.0.7", AT)


def test_a_file_that_was_sent_is_not_spoilt_by_a_database_that_is_gone(owner, db, monkeypatch):
    file = many(owner, 3)

    def gone(*args, **kwargs):
        raise OperationalError("connection failed")

    monkeypatch.setattr("loudou.exchange.export_record.record_event", gone)
    assert len(table(b"".join(file.chunks))) == 4
    assert ends() == []


def test_only_known_formats(owner, db):
    with pytest.raises(UnknownFormat):
        export(owner, permission="customers.export", name="x", columns=COLUMNS, rows=[], file_format="pdf", now=now)


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
