"""A file of a bank in a real browser: mapped once, looked at, read in, matched; the next takes one click."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from tests.contracts.conftest import at, customer, drafted, offered, signed, two_lines

from loudou.catalog.models import Product
from loudou.contracts.models import Receipt, StatementLine

__all__ = ["at", "customer", "drafted", "offered", "signed", "two_lines"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Bank(NamedTuple):
    """A bank whose headings nobody knows, and what the pages say of its file."""

    preamble: str
    headings: tuple[str, str, str, str]
    encoding: str
    read_in: str
    undated: str
    known_format: str
    nothing_new: str


ENGLISH = Bank(
    "Extrait de compte\n",
    ("Jour", "Mouvement", "Ordonnateur", "Libelle"),
    "utf-8",
    "Read in 2 and leave 1 row out",
    "“Total” is not a date.",
    "It is read like the last file of 6222 8899.",
    "There is nothing to read in.",
)
CHINESE = Bank(
    "企业网银\n账户明细\n打印日期 2026-06-30\n",
    ("业务日", "进出额", "来款单位", "业务说明"),
    "gbk",
    "读入 2 笔，略过 1 行",
    "“Total”不是日期",
    "读取方式与 6222 8899 的上一个文件相同。",
    "无需再次读入",
)


@pytest.fixture
def product(db: None) -> Product:
    """Something to sell."""
    return Product.objects.create(name="Press 200", unit="set", list_price=Decimal(100), currency="CNY")


def choose_columns(page: Any) -> None:
    """Say what each column is; the page shows at once how the rows are understood."""
    for column, target in enumerate(("booked_on", "amount", "payer", "remittance")):
        with page.expect_request_finished(lambda request: "/columns/preview/" in request.url):
            page.locator(f"[name=column-{column}]").select_option(target)


@pytest.mark.parametrize(
    ("bank", "language", "theme", "width"),
    [(ENGLISH, "en", "light", 1440), (CHINESE, "zh-hans", "dark", 390)],
    ids=["en", "zh"],
)
def test_finance_maps_a_file_once_and_posts_what_fits(
    page_as: Any, axe: Any, finance: Any, signed: Any, settings: Any, tmp_path: Any, bank: Bank, language: str,
    theme: str, width: int,
) -> None:  # fmt: skip
    settings.MEDIA_ROOT = tmp_path / "media"
    contract = signed()
    text = (
        f"{bank.preamble}{','.join(bank.headings)}\n2026-06-12,450.00,{contract.customer.name.replace(',', '')},"
        f"{contract.number}\n2026-06-13,-20.00,Bank,fee\nTotal,430.00,,\n"
    )
    path = tmp_path / "june.csv"
    path.write_bytes(text.encode(bank.encoding))
    page = page_as(finance, language=language, theme=theme, width=width)

    def upload() -> None:
        page.goto(reverse("ledger:statement_add"))
        page.locator("input[type=file]").set_input_files(str(path))
        page.locator("[name=account]").fill("6222 8899")
        page.locator("main [data-save-button]").click()

    upload()
    page.wait_for_url("**/columns/")
    expect(page.locator("#understood .alert")).to_be_visible()
    choose_columns(page)
    expect(page.locator("#understood")).to_contain_text(bank.undated)
    expect(page.locator("#understood")).to_contain_text("¥450")
    axe(page)
    header = page.locator("[name=header_row]").input_value()
    page.locator("[name=header_row]").fill("1")
    expect(page.locator("[name=column-3]")).to_have_count(0)
    page.locator("[name=header_row]").fill(header)
    expect(page.locator("[name=column-3]")).to_have_count(1)
    choose_columns(page)
    page.locator("main [data-save-button]").click()
    page.wait_for_url("**/look/")
    expect(page.locator("main")).to_contain_text(bank.undated)
    axe(page)
    assert not StatementLine.objects.exists()
    page.get_by_role("button", name=bank.read_in).click()
    page.wait_for_url("**/bank/")
    page.locator(".bank-line a.btn-primary").click()
    dialog = page.locator("#dialog-host")
    expect(dialog.locator("[name=amount]")).to_have_value("450")
    dialog.locator("[type=submit]").click()
    expect(dialog).not_to_be_visible()
    expect(page.locator(".bank-line")).to_have_count(0)
    receipt = Receipt.objects.get()
    assert (receipt.amount, receipt.contract, receipt.account) == (Decimal(450), contract, "6222 8899")

    path.write_bytes((text + "2026-06-14,7.00,New,7\n").encode(bank.encoding))
    upload()
    page.wait_for_url("**/look/")
    expect(page.locator("main")).to_contain_text(bank.known_format)
    page.locator("[data-read-in]").click()
    page.wait_for_url("**/bank/")
    assert [str(line.amount) for line in StatementLine.objects.order_by("booked_on")] == [
        "450.0000",
        "-20.0000",
        "7.0000",
    ]
    upload()
    page.wait_for_url("**/look/")
    expect(page.locator("main")).to_contain_text(bank.nothing_new)
