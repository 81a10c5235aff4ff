"""A bank's file on its way in: proposed, chosen, looked at, read in whole, remembered for its account."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.utils import translation

from loudou.contracts.models import BankStatement, Receipt, StatementLine
from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused
from loudou.exchange import statement_look
from loudou.exchange.errors import (
    BankColumnsMissing,
    BankDirectionAlone,
    BankRowsUnreadable,
    FileEmpty,
    FileKindUnknown,
    FileTooLarge,
    MappingAmbiguous,
    StatementFileDone,
)
from loudou.exchange.models import AccountFormat, StatementFile
from loudou.exchange.services import statement_files
from loudou.exchange.services.statement_files import Format

from .conftest import AT

pytestmark = pytest.mark.django_db
KNOWN = "交易日期,对方户名,贷方发生额,借方发生额,摘要\n2026-06-12,恒达,450.00,,货款\n2026-06-13,银行,,20.00,手续费\n"
STRANGE = "Kontoauszug\nBuchungstag;Soll/Haben;Auftraggeber\n12.06.2026;450,00;Hengda\n13.06.2026;-20,00;Bank\n"
GERMAN = Format("utf-8", ";", 0, 2, {0: "booked_on", 1: "amount", 2: "payer"}, "dmy", "comma")


@pytest.fixture
def begin(finance):
    """Upload a text: `begin(KNOWN, encoding="gbk")`."""

    def upload(text, *, name="june.csv", account="ICBC 8899", encoding="utf-8", actor=finance, **facts):
        content = ContentFile(text.encode(encoding))
        return statement_files.begin_statement_file(
            actor, content=content, name=name, account=account, limit_mb=1, **facts
        )

    return upload


@pytest.fixture
def read_in(finance):
    """Read a file in, leaving so many rows out."""

    def read(record, leaving_out=0):
        return statement_files.read_in_file(finance, record.pk, leaving_out=leaving_out, at=AT)

    return read


def test_a_file_with_known_headings_is_proposed_looked_at_and_read_in(begin, read_in, finance):
    record = begin(KNOWN, encoding="gbk")
    assert (record.encoding, record.header_row, record.currency, record.format) == ("gb18030", 1, "CNY", None)
    assert list(record.columns.values()) == ["booked_on", "payer", "credit", "debit", "remittance"]
    look = statement_look.look_at(finance, record)
    assert (look.fresh, look.known, look.bad, look.money_in, look.money_out) == (2, 0, [], 450, 20)
    assert [day.isoformat() for day in look.days] == ["2026-06-12", "2026-06-13"]
    assert not BankStatement.objects.exists()
    done = read_in(record)
    assert (done.added, done.repeated) == (2, 0)
    record.refresh_from_db()
    assert record.statement == BankStatement.objects.get()
    assert not Receipt.objects.exists()


def test_the_look_counts_what_is_known_by_the_rule_of_the_reading(begin, read_in, finance):
    read_in(begin(KNOWN))
    again = begin(KNOWN + "2026-06-14,恒达,1.00,,货款\n")
    look = statement_look.look_at(finance, again)
    assert (look.fresh, look.known) == (1, 2)
    done = read_in(again)
    assert (done.added, done.repeated) == (1, 2)
    other = begin(KNOWN, account="BOC 1")
    assert statement_look.look_at(finance, other).known == 0


def test_a_second_file_of_the_account_is_read_like_the_first(begin, read_in, finance):
    first = begin(STRANGE)
    assert first.columns == {}
    with pytest.raises(BankColumnsMissing):
        statement_look.look_at(finance, first)
    first = statement_files.choose_format(finance, first.pk, chosen=GERMAN)
    read_in(first)
    later = STRANGE.replace("12.06", "11.07").replace("Kontoauszug", "Kontoauszug\nKonto 8899\n")
    second = begin(later, name="july.csv")
    assert (second.header_row, second.date_order, second.decimal_mark) == (4, "dmy", "comma")
    assert second.columns == GERMAN.mapping
    assert second.format == AccountFormat.objects.get()
    look = statement_look.look_at(finance, second)
    assert [(seen.row.booked_on.isoformat(), seen.amount, seen.is_known) for seen in look.movements] == [
        ("2026-07-11", 450, False),
        ("2026-06-13", -20, True),
    ]
    assert begin(STRANGE, account="BOC 1").format is None
    assert begin(KNOWN).format is None


def test_a_file_of_an_account_in_another_spelling_is_read_like_its_first(begin, read_in, finance):
    read_in(statement_files.choose_format(finance, begin(STRANGE).pk, chosen=GERMAN))
    second = begin(STRANGE, account="ＩＣＢＣ-8899")
    assert (second.account, second.format) == ("ICBC 8899", AccountFormat.objects.get())
    assert statement_look.look_at(finance, second).known == 2


def test_two_spellings_of_a_new_account_become_one_as_soon_as_one_is_read_in(begin, read_in, finance):
    first, second = begin(KNOWN, account="ICBC 8899"), begin(KNOWN, account="icbc-8899")
    assert statement_look.look_at(finance, second).known == 0
    read_in(first)
    assert statement_look.look_at(finance, second).known == 2
    done = read_in(second)
    assert (done.added, done.repeated) == (0, 2)
    second.refresh_from_db()
    assert (second.account, AccountFormat.objects.get().account) == ("ICBC 8899", "ICBC 8899")


def test_what_is_remembered_can_be_changed_and_forgotten(begin, read_in, finance):
    read_in(statement_files.choose_format(finance, begin(STRANGE).pk, chosen=GERMAN))
    second = begin(STRANGE.replace("450", "451"))
    other = Format("utf-8", ";", 0, 2, {0: "booked_on", 1: "amount", 2: "remittance"}, "dmy", "comma")
    read_in(statement_files.choose_format(finance, second.pk, chosen=other))
    assert begin(STRANGE).columns[2] == "remittance"
    statement_files.forget_format(finance, AccountFormat.objects.get().pk)
    assert begin(STRANGE).columns == {}
    assert BankStatement.objects.count() == 2


def test_rows_that_cannot_be_read_are_left_out_only_when_somebody_says_so(begin, read_in, finance):
    record = begin(KNOWN + "合计,,450.00,20.00,\n2026-06-15,某,0.00,,空\n")
    look = statement_look.look_at(finance, record)
    assert {row.number: row.reasons for row in look.bad} == {
        4: ["Date: “合计” is not a date. Write it like 2026-03-31."],
        5: ["A movement of nothing is no movement."],
    }
    for agreed in (0, 1, 3):
        with pytest.raises(BankRowsUnreadable):
            read_in(record, leaving_out=agreed)
    assert not StatementLine.objects.exists()
    assert read_in(record, leaving_out=2).added == 2
    record.refresh_from_db()
    assert record.left_out == 2


def test_the_rows_that_cannot_be_read_are_listed_for_a_file(begin, finance):
    record = begin(KNOWN + "合计,,450.00,20.00,\n2026-06-15,某,0.00,,空\n")
    found = list(statement_look.bad_records(finance, record))
    assert [row[0] for row in found] == [4, 5]
    assert found[1][-1] == "A movement of nothing is no movement."


def test_a_file_is_read_once_and_again_when_something_it_rests_on_changes(begin, read_in, finance, monkeypatch):
    record = begin(KNOWN + "合计,,450.00,20.00,\n")
    readings = []
    read = statement_look.read_movements
    monkeypatch.setattr(statement_look, "read_movements", lambda *facts: readings.append(1) or read(*facts))
    first = statement_look.look_at(finance, record)
    assert statement_look.look_at(finance, record) == first
    assert [row[0] for row in statement_look.bad_records(finance, record)] == [4]
    assert len(readings) == 1
    with translation.override("zh-hans"):
        assert "合计" in statement_look.look_at(finance, record).bad[0].reasons[0]
        assert statement_look.look_at(finance, record).bad[0].reasons[0].startswith("日期")
    assert (statement_look.look_at(finance, record), len(readings)) == (first, 2)
    other = Format("utf-8", ",", 0, 1, {0: "booked_on", 1: "payer", 2: "credit"})
    record = statement_files.choose_format(finance, record.pk, chosen=other)
    assert statement_look.look_at(finance, record).unreadable == 2
    assert len(readings) == 3
    read_in(begin(KNOWN.replace("货款", "")))
    assert statement_look.look_at(finance, record).known == 1
    assert len(readings) == 5


def test_a_file_that_was_read_in_leaves_nothing_but_itself(
    begin, read_in, finance, settings, django_capture_on_commit_callbacks
):
    record = begin(KNOWN)
    statement_look.look_at(finance, record)
    assert len([path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]) == 2
    with django_capture_on_commit_callbacks(execute=True):
        read_in(record)
    assert [path.name for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == [
        f"statementfile-{record.pk}.csv"
    ]


def test_a_file_is_read_in_once(begin, read_in, finance):
    record = begin(KNOWN)
    read_in(record)
    for again in (
        lambda: read_in(record),
        lambda: statement_files.choose_format(finance, record.pk, chosen=GERMAN),
        lambda: statement_files.discard_statement_file(finance, record.pk),
    ):
        with pytest.raises(StatementFileDone):
            again()
    assert (BankStatement.objects.count(), StatementLine.objects.count()) == (1, 2)


@pytest.mark.parametrize(
    ("mapping", "refusal"),
    [
        ({0: "booked_on"}, BankColumnsMissing),
        ({1: "amount"}, BankColumnsMissing),
        ({0: "booked_on", 1: "amount", 2: "amount"}, MappingAmbiguous),
        ({0: "booked_on", 1: "credit", 2: "direction"}, BankDirectionAlone),
    ],
)
def test_columns_that_do_not_say_when_and_how_much_are_refused(begin, finance, mapping, refusal):
    record = begin(STRANGE)
    with pytest.raises(refusal):
        statement_files.choose_format(finance, record.pk, chosen=Format("utf-8", ";", 0, 2, mapping))
    record.refresh_from_db()
    assert record.mapping == {}


def test_what_is_no_table_or_of_no_account_is_refused_and_not_kept(begin, settings):
    with pytest.raises(FileKindUnknown):
        begin(KNOWN, name="june.pdf")
    with pytest.raises(FileTooLarge):
        begin("x" * (1024 * 1024 + 1))
    with pytest.raises(InvalidInput):
        begin(KNOWN, account="  ")
    assert not StatementFile.objects.exists()
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_a_file_of_totals_alone_brings_nothing(begin, read_in):
    with pytest.raises(FileEmpty):
        read_in(begin("交易日期,金额\n合计,5\n"), leaving_out=1)
    assert not BankStatement.objects.exists()


def test_the_currency_of_an_account_stays_unless_somebody_says_otherwise(begin, read_in):
    read_in(begin(KNOWN, account="HSBC", currency="usd"))
    assert begin(KNOWN, account="HSBC").currency == "USD"
    assert begin(KNOWN, account="HSBC", currency="EUR").currency == "EUR"
    assert begin(KNOWN, account="New").currency == "CNY"


def test_a_discarded_file_leaves_nothing(begin, finance, settings, django_capture_on_commit_callbacks):
    record = begin(KNOWN)
    with django_capture_on_commit_callbacks(execute=True):
        statement_files.discard_statement_file(finance, record.pk)
    assert not StatementFile.objects.exists()
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_who_does_not_post_receipts_meets_no_bank_file(begin, finance, owner, manager):
    record = begin(KNOWN)
    for actor in (owner, manager):
        with pytest.raises(PermissionRefused):
            begin(KNOWN, actor=actor)
        with pytest.raises(PermissionRefused):
            statement_files.read_in_file(actor, record.pk, leaving_out=0, at=AT)
        assert not StatementFile.objects.visible_to(actor).exists()
    with pytest.raises(NotVisible):
        statement_files.read_in_file(finance, record.pk + 1, leaving_out=0, at=AT)
    assert not StatementLine.objects.exists()


def test_amounts_are_kept_as_the_currency_writes_them(begin, read_in):
    read_in(begin("Date,Amount\n2026-06-12,10.005\n", currency="CNY"))
    assert StatementLine.objects.get().amount == Decimal("10.01")
