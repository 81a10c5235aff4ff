"""Files of every kind: what they hold, or one sentence that says why they cannot be read."""

import csv
import io
import zipfile

import pytest
import xlsxwriter

from loudou.exchange.errors import EncodingWrong, FileKindUnknown, FileTooCostly, FileUnreadable
from loudou.exchange.reading.encodings import guess_encodings
from loudou.exchange.reading.tables import Table, inspect
from loudou.exchange.targets import KINDS
from loudou.exchange.targets.synonyms import propose_mapping


def rows_of(path, name=None):
    table = inspect(path, name=name or path.name)
    return table.headers(), [line.cells for line in table.rows()]


def test_separator_and_encoding_are_guessed(write):
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        for delimiter in (",", ";", "\t", "|"):
            text = "\r\n".join(
                delimiter.join(row) for row in (["客户名称", "城市", "电话"], ["华信机械有限公司", "苏州", "0512"])
            )
            path = write("a.csv", text, encoding)
            assert rows_of(path) == (["客户名称", "城市", "电话"], [["华信机械有限公司", "苏州", "0512"]]), (
                encoding,
                delimiter,
            )


def test_accented_latin_is_not_taken_for_chinese(write):
    path = write("a.csv", "name,city\nCafé Américo,São Paulo\nMüller,Köln\n", "cp1252")
    assert guess_encodings(path)[0].encoding == "cp1252"


def test_a_wrong_encoding_names_the_row(write):
    path = write("a.csv", "name\nok\n华信\n", "gb18030")
    with pytest.raises(EncodingWrong) as refused:
        list(Table(path, "a.csv", "utf-8", ",").lines())
    assert refused.value.facts["encoding"] == "utf-8"


def test_titles_above_the_table_are_not_its_header(write):
    path = write("a.csv", "Export of 2026\n\nname,city,phone\nAcme,Rome,1\nBeta,Oslo,2\n")
    table = inspect(path, name="a.csv")
    assert (table.header_row, table.headers()) == (3, ["name", "city", "phone"])
    assert [line.number for line in table.rows()] == [4, 5]


def test_cells_that_an_export_guarded_come_back_as_they_were(write):
    path = write("a.csv", "name,phone\n'=Sum GmbH,'+49 30 1\n'Tis Ltd,5\n")
    assert rows_of(path)[1] == [["=Sum GmbH", "+49 30 1"], ["'Tis Ltd", "5"]]


def test_spreadsheets_give_text_as_people_would_write_it(tmp_path):
    import datetime as dt

    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("Empty")
    sheet = book.add_worksheet("Data")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(2, 1, ["id", "amount", "on", "won"])
    sheet.write_row(3, 1, [13800138000, 1.5])
    sheet.write_datetime(3, 3, dt.datetime(2026, 3, 1), day)  # noqa: DTZ001 - spreadsheets know no zones
    sheet.write_boolean(3, 4, True)
    book.close()
    table = Table(path, "a.xlsx", sheet=1, header_row=3)
    assert table.headers() == ["id", "amount", "on", "won"]
    assert [line.cells for line in table.rows()] == [["13800138000", "1.5", "2026-03-01", "TRUE"]]


@pytest.mark.parametrize("name", ["a.xlsx", "a.ods", "a.xls"])
def test_a_file_that_is_not_what_it_claims_gives_a_sentence(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"this is no spreadsheet" * 100)
    with pytest.raises(FileUnreadable):
        inspect(path, name=name)


def test_other_kinds_of_files_are_named(write):
    with pytest.raises(FileKindUnknown):
        inspect(write("a.pdf", "x"), name="a.pdf")


def test_a_zip_bomb_posing_as_a_spreadsheet_is_not_opened(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (200 * 1024 * 1024))
    assert path.stat().st_size < 1024 * 1024
    with pytest.raises(FileTooCostly):
        inspect(path, name="bomb.xlsx")


def test_a_bomb_that_lies_about_its_size_is_stopped_by_the_limits_of_its_process(tmp_path, monkeypatch):
    from loudou.exchange.reading import spreadsheets

    path = tmp_path / "wide.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write(0, 0, "a")
    sheet.write(1_048_575, 16_383, "z")  # two cells, whose rectangle has seventeen thousand million
    book.close()
    monkeypatch.setattr(spreadsheets, "PATIENCE", 60)
    with pytest.raises((FileTooCostly, FileUnreadable)):
        inspect(path, name="wide.xlsx")


def test_a_field_without_end_does_not_swallow_the_file(write):
    text = io.StringIO()
    csv.writer(text).writerows([["name", "note"], *[["x", "y" * 200]] * 10])
    path = write("a.csv", text.getvalue() + '"never closed,' + "z" * 2_000_000)
    table = Table(path, "a.csv", "utf-8", ",")
    with pytest.raises(FileUnreadable):
        list(table.lines())


def test_the_broken_xls_gives_a_sentence(data):
    path = data / "crm_exports" / "odoo" / "crm_lead.xls"
    with pytest.raises(FileUnreadable) as refused:
        inspect(path, name=path.name)
    assert "crm_lead.xls cannot be read" in str(refused.value)


@pytest.mark.parametrize(
    ("file", "encoding", "headers", "rows"),
    [
        ("chinese_gbk/订单表.csv", "gb18030", ["客户ID", "产品名称"], 60_398),
        ("chinese_gbk/客户信息.csv", "utf-8-sig", ["客户id", "年龄", "姓名"], 10),
        ("chinese_gbk/价格采集.csv", "utf-8-sig", ["名称", "最低价格", "最高价格", "图片地址"], 44),
        ("maven/sales_pipeline.csv", "utf-8", None, 8800),
        ("maven_messy/sales_pipeline.csv", "gb18030", None, 8800),
        ("crm_exports/odoo/res_partner.xls", "", None, 8),
        ("crm_exports/hubspot_ui/hubspot_deals.csv", "utf-8", None, 500),
        ("crm_exports/salesforce/sf_opportunity_data.csv", "utf-8", None, 10),
    ],
)
def test_real_files_are_read(data, tmp_path, file, encoding, headers, rows):
    path = tmp_path / file.rsplit("/", maxsplit=1)[-1]
    path.write_bytes((data / file).read_bytes())
    table = inspect(path, name=path.name)
    assert table.encoding == encoding
    assert sum(1 for _ in table.rows()) == rows
    if headers:
        assert table.headers() == headers


@pytest.mark.parametrize(
    ("kind", "headers", "expected"),
    [
        (
            "opportunities",
            ["Deal ID", "Deal Name", "Deal Stage", "Close Date"],
            ["external_id", "subject", "stage", "closed_on"],
        ),
        (
            "opportunities",
            ["商机名称", "客户名称", "金额", "预计签约日期"],
            ["subject", "customer", "amount", "expected_on"],
        ),
        ("customers", ["客户名称", "统一社会信用代码", "行业", "负责人"], ["name", "credit_code", "industry", "owner"]),
        ("contacts", ["First Name", "Last Name", "Phone", "Mobile"], ["first_name", "last_name", "phones", "phones"]),
        ("products", ["Product", "Series", "sales_price"], ["name", "line", "list_price"]),
        ("users", ["sales_agent", "manager", "regional_office"], ["name", "manager", "parent_team"]),
    ],
)
def test_headings_of_other_systems_find_their_place(kind, headers, expected):
    assert propose_mapping(KINDS[kind], headers) == dict(enumerate(expected))
