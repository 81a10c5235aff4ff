"""A bank's file on its pages: uploaded, mapped, looked at, read in; the next of its account is looked at right away."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.web.ledger.screens import address, page_of

from loudou.contracts.models import BankStatement, Receipt, StatementLine
from loudou.exchange.models import AccountFormat, StatementFile
from loudou.exchange.services.uploads import signature

pytestmark = pytest.mark.usefixtures("frozen")
STATEMENT = """企业网上银行,,,,,
账号,6222,,,,
交易日期,贷方发生额,借方发生额,对方户名,摘要,交易流水号
2026-06-12,450.00,,Hengda Steel Co.,货款 {number},T-1
2026-06-13,,20.00,Bank,手续费,T-2
"""
STRANGE = "Buchungstag,Soll/Haben,Auftraggeber\n2026-06-12,450.00,Hengda Steel Co.\nSumme,450.00,\n"
HEADINGS = ["Buchungstag", "Soll/Haben", "Auftraggeber"]
CHOSEN = {
    "shown": signature(HEADINGS), "column-0": "booked_on", "column-1": "amount", "column-2": "payer",
    "encoding": "utf-8", "delimiter": ",", "header_row": "1", "date_order": "auto", "decimal_mark": "point",
}  # fmt: skip


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    """Uploaded files go to a folder of the test."""
    settings.MEDIA_ROOT = tmp_path / "media"


def upload(client, text, *, name="june.csv", encoding="utf-8", **facts):
    file = SimpleUploadedFile(name, text.encode(encoding))
    answer = client.post(address("statement_add"), {"file": file, "account": "6222", "currency": "", **facts})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"], StatementFile.objects.latest("pk")


def test_a_bank_line_is_matched_and_posted_when_a_person_says_so(client, finance, signed):
    contract = signed()
    money = client.as_(finance)
    where, file = upload(money, STATEMENT.format(number=contract.number), encoding="gb18030")
    assert where == address("statement_columns", file.pk)
    page = page_of(money.get(where))
    assert 'value="3"' in page
    assert page.count("selected>") >= 6
    assert "Hengda Steel Co." in page
    look = page_of(money.get(address("statement_look", file.pk)))
    assert "Read in 2 movements" in look
    assert not StatementLine.objects.exists()
    assert money.post(address("statement_read_in", file.pk), {"leaving_out": "0"})["Location"] == address("bank")
    line = StatementLine.objects.to_match().get()
    assert (line.amount, line.reference) == (450, "T-1")
    bank = page_of(money.get(address("bank")))
    assert "The text names the contract." in bank
    assert "2 movements are new, 0 were known." in bank
    assert not Receipt.objects.exists()
    form = page_of(money.get(address("line_confirm", line.pk)))
    assert 'data-lookup="/choose/contracts/"' in form
    assert contract.title not in form
    assert contract.title in page_of(money.get(reverse("frame:choose_contracts"), {"q": contract.number}))
    facts = {"customer": contract.customer_id, "contract": contract.pk, "amount": "450"}
    assert money.post(address("line_confirm", line.pk), facts).status_code == 302
    assert Receipt.objects.get().contract == contract
    bank = page_of(money.get(address("bank")))
    assert "<span>Posted</span>" in bank
    assert "Nothing is waiting" in bank
    where, again = upload(money, STATEMENT.format(number=contract.number), encoding="gb18030")
    assert where == address("statement_look", again.pk)
    assert "There is nothing to read in." in page_of(money.get(where))
    assert money.get(address("statement_look", file.pk))["Location"] == address("bank")


def test_columns_of_another_bank_are_chosen_once(client, finance):
    money = client.as_(finance)
    where, file = upload(money, STRANGE)
    assert "0 of 3 columns have a place" in page_of(money.get(where))
    refused = page_of(money.post(where, CHOSEN | {"column-1": ""}), 422)
    assert "Say which column is the date, and which the amount" in refused
    assert "Choose the columns" in page_of(money.get(address("statement_look", file.pk)))
    preview = page_of(money.get(address("statement_preview", file.pk), CHOSEN))
    assert "CN¥450" in preview
    assert "“Summe” is not a date." in preview
    assert money.post(where, CHOSEN)["Location"] == address("statement_look", file.pk)
    look = page_of(money.get(address("statement_look", file.pk)))
    assert "Read in 1 and leave 1 row out" in look
    page_of(money.post(address("statement_read_in", file.pk), {}), 422)
    assert not BankStatement.objects.exists()
    assert money.post(address("statement_read_in", file.pk), {"leaving_out": "1"}).status_code == 302
    where, second = upload(money, STRANGE.replace("06-12", "07-12"), name="july.csv")
    assert where == address("statement_look", second.pk)
    assert "It is read like the last file of 6222." in page_of(money.get(where))
    start = page_of(money.get(address("statement_add")))
    assert all(word in start for word in ("Buchungstag → Date", "july.csv", 'value="6222"'))
    money.post(address("format_forget", AccountFormat.objects.get().pk))
    where, third = upload(money, STRANGE)
    assert where == address("statement_columns", third.pk)


def test_headings_that_the_page_did_not_show_are_shown_before_anything_is_kept(client, finance):
    money = client.as_(finance)
    where, file = upload(money, "Kontoauszug,,\n" + STRANGE)
    page = page_of(money.post(where, CHOSEN | {"header_row": "2", "shown": "other"}))
    assert "Auftraggeber" in page
    file.refresh_from_db()
    assert file.mapping == {}
    assert money.post(where, CHOSEN | {"header_row": "2"}).status_code == 302
    file.refresh_from_db()
    assert (file.header_row, file.headers) == (2, HEADINGS)


def test_rows_that_cannot_be_read_are_downloaded_with_their_reasons(client, finance):
    money = client.as_(finance)
    where, file = upload(money, STRANGE)
    money.post(where, CHOSEN)
    answer = money.get(address("statement_unreadable", file.pk), {"format": "csv"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert rows == [
        ["Row", *HEADINGS, "What is wrong"],
        ["3", "Summe", "450.00", "", "Date: “Summe” is not a date. Write it like 2026-03-31."],
    ]


def test_reasons_are_said_in_the_language_of_the_reader(client, finance):
    finance.language = "zh-hans"
    finance.save()
    money = client.as_(finance)
    _where, file = upload(money, STATEMENT.format(number="HT-1") + "合计,450.00,20.00,,,\n")
    look = page_of(money.get(address("statement_look", file.pk)))
    assert "“合计”不是日期" in look
    assert "读入 2 笔，略过 1 行" in look


def test_a_file_that_is_no_table_or_missing_says_so_on_the_page(client, finance):
    money = client.as_(finance)
    file = SimpleUploadedFile("june.pdf", b"%PDF")
    refused = page_of(money.post(address("statement_add"), {"file": file, "account": "6222"}), 422)
    assert "june.pdf is not a table we can read." in refused
    assert "Choose a file first." in page_of(money.post(address("statement_add"), {"account": "6222"}), 422)
    assert "This field is required." in page_of(money.post(address("statement_add"), {"account": ""}), 422)
    assert not StatementFile.objects.exists()


def test_a_discarded_file_is_gone(client, finance):
    money = client.as_(finance)
    _where, file = upload(money, STRANGE)
    assert money.post(address("statement_discard", file.pk))["Location"] == address("statement_add")
    assert not StatementFile.objects.exists()


def test_a_rep_opens_no_bank_file(client, finance, owner):
    _where, file = upload(client.as_(finance), STRANGE)
    rep = client.as_(owner)
    for name in ("statement_columns", "statement_look", "statement_unreadable"):
        assert rep.get(address(name, file.pk)).status_code == 403
    assert rep.post(address("statement_read_in", file.pk), {"leaving_out": "0"}).status_code == 403
    assert not StatementLine.objects.exists()
