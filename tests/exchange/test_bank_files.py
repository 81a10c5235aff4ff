"""A bank's file as banks write them: preamble, encodings, day first, two columns or a word for in and out."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from xlsxwriter import Workbook

from loudou.exchange.bank_files import Manner, find_heading_row, read_movements
from loudou.exchange.reading import tables
from loudou.exchange.targets.bank import propose_bank_columns

ICBC = (
    "中国工商银行账户明细查询\r\n"
    "账号：,1202020209000001111,户名：,恒信机械有限公司\r\n"
    "起止日期：,20260601-20260630,币种：,人民币\r\n"
    "交易日期,对方户名,对方账号,借方发生额,贷方发生额,余额,摘要,附言,交易流水号\r\n"
    '2026-06-12,华信机械有限公司,6222 01,,"45,000.00","1,045,000.00",货款,合同HT2026-001首付,T-1\r\n'
    '2026-06-13,某某物业,6222 02,800.00,,"1,044,200.00",房租,,T-2\r\n'
    '合计,,,800.00,"45,000.00",,,,\r\n'
)


def read(path, *, currency="CNY", mapping=None, date_order="auto", decimal_mark="point"):
    table = find_heading_row(tables.inspect(path, name=path.name))
    columns = propose_bank_columns(table.headers()) if mapping is None else mapping
    return table, read_movements(table, Manner(columns, date_order, decimal_mark, currency))


def said(reading):
    return {row.number: row.reasons for row in reading.bad}


def amounts(reading):
    return [movement.row.amount for movement in reading.movements]


def test_a_chinese_bank_writes_gbk_with_lines_above_the_table_and_totals_below(write):
    table, reading = read(write("icbc.csv", ICBC, "gbk"))
    assert (table.encoding, table.delimiter, table.header_row) == ("gb18030", ",", 4)
    assert [(one.number, one.row.booked_on, one.row.amount) for one in reading.movements] == [
        (5, dt.date(2026, 6, 12), Decimal("45000.00")),
        (6, dt.date(2026, 6, 13), Decimal("-800.00")),
    ]
    first = reading.movements[0].row
    assert (first.payer, first.payer_account, first.remittance, first.reference) == (
        "华信机械有限公司", "6222 01", "货款 合同HT2026-001首付", "T-1",
    )  # fmt: skip
    assert said(reading) == {7: ["Date: “合计” is not a date. Write it like 2026-03-31."]}


def test_a_spreadsheet_with_a_title_is_read_below_its_headings(tmp_path):
    path = tmp_path / "june.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet("June")
        sheet.write_row(0, 0, ["Statement of account", "", "", "June 2026"])
        sheet.write_row(2, 0, ["Value date", "Counterparty", "Paid in", "Paid out", "Narrative"])
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for at, (name, came, went) in enumerate([("Acme", 120.5, None), ("Rent", None, 80)]):
            sheet.write_datetime(3 + at, 0, dt.date(2026, 6, 1 + at), day)
            sheet.write_row(3 + at, 1, [name, came, went, "INV-1"])
    table, reading = read(path)
    assert table.header_row == 3
    assert [(one.row.booked_on, one.row.amount, one.row.payer) for one in reading.movements] == [
        (dt.date(2026, 6, 1), Decimal("120.5"), "Acme"),
        (dt.date(2026, 6, 2), Decimal(-80), "Rent"),
    ]


DAYS_FIRST = "Buchung;Betrag;Auftraggeber\n{}\n03.04.2026;-7,50;Bank\n"
GERMAN = {0: "booked_on", 1: "amount", 2: "payer"}


def test_a_day_above_twelve_proves_the_order_for_the_whole_file(write):
    _table, reading = read(
        write("a.csv", DAYS_FIRST.format("13.04.2026;1.450,00;Acme")), mapping=GERMAN, decimal_mark="comma"
    )
    assert [(one.row.booked_on, one.row.amount) for one in reading.movements] == [
        (dt.date(2026, 4, 13), Decimal("1450.00")),
        (dt.date(2026, 4, 3), Decimal("-7.50")),
    ]


def test_dates_of_two_meanings_are_not_guessed(write):
    path = write("a.csv", DAYS_FIRST.format("05.04.2026;1,00;Acme"))
    _table, reading = read(path, mapping=GERMAN, decimal_mark="comma")
    assert said(reading)[2] == ["Date: “05.04.2026” may be two different days. Choose the order of day and month."]
    _table, reading = read(path, mapping=GERMAN, decimal_mark="comma", date_order="dmy")
    assert [one.row.booked_on for one in reading.movements] == [dt.date(2026, 4, 5), dt.date(2026, 4, 3)]


def test_a_word_says_whether_the_amount_came_or_went(write):
    text = (
        "交易时间,借贷标志,交易金额,对方名称\n20260612 10:11:12,贷,100,甲\n20260612 10:12:00,借,40,乙\n"
        "20260613 08:00:00,贷,-5,甲\n20260613 09:00:00,借,-6,乙\n20260613 09:30:00,?,7,丙\n"
    )
    _table, reading = read(write("a.csv", text))
    assert amounts(reading) == [100, -40, -5, -6]
    assert reading.movements[0].row.booked_on == dt.date(2026, 6, 12)
    assert said(reading) == {
        6: ["In or out, of the amount beside it: “?” does not say whether money came in or went out."]
    }


def test_a_row_of_another_currency_is_not_taken_for_the_accounts(write):
    text = "Date,Amount,CCY\n2026-06-12,100,CNY\n2026-06-12,100,USD\n2026-06-12,US$ 5,\n2026-06-12,7,人民币\n"
    _table, reading = read(write("a.csv", text))
    assert amounts(reading) == [100, 7]
    assert said(reading) == {
        3: ["Currency: This row is in USD, the account in CNY."],
        4: ["Amount: This row is in USD, the account in CNY."],
    }


def test_dashes_are_no_amount_and_a_row_without_any_says_so(write):
    text = "日期,收入,支出,摘要\n2026-06-12,--,30.00,费\n2026-06-12,-,-,\n2026-06-12,x,,\n,,,\n"
    _table, reading = read(write("a.csv", text))
    assert amounts(reading) == [-30]
    assert said(reading) == {3: ["The row has no amount."], 4: ["Money in: “x” is not a number."]}


@pytest.mark.parametrize(
    ("headings", "found"),
    [
        ("交易日期,对方户名,贷方发生额,摘要", ["booked_on", "payer", "credit", "remittance"]),
        ("记账日,借方发生额(支取),贷方发生额(收入),对方单位", ["booked_on", "debit", "credit", "payer"]),
        ("Date,Description,Debit,Credit,IBAN", ["booked_on", "remittance", "debit", "credit", "payer_account"]),
    ],
)  # fmt: skip
def test_headings_of_banks_find_their_place(headings, found):
    assert list(propose_bank_columns(headings.split(",")).values()) == found


def test_a_number_of_the_voucher_is_the_reference_where_there_is_no_other():
    assert propose_bank_columns(["交易日期", "凭证号", "贷方发生额"])[1] == "reference"
