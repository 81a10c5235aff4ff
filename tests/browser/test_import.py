"""The wizard from the first click to undo: a real pipeline, customers and receipts, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import expect

from loudou.contracts.models import Instalment, Receipt, Refund
from loudou.core import clock
from loudou.core.models import Company
from loudou.core.rates import company
from loudou.customers.models import Customer
from loudou.exchange import command
from loudou.exchange.models import ImportJob
from loudou.exchange.services import running
from loudou.people.models import User
from loudou.pipeline import defaults
from loudou.pipeline.models import LossReason, Opportunity, SalesProcess, Stage, StageCriterion

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(autouse=True)
def at_once(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads go to a folder of the test; what a worker would do happens before the page answers."""
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr("loudou.exchange.tasks.enqueue", lambda job_id: running.work_on(job_id, now=clock.now))


def begin(page: Any, kind: str, path: Path) -> None:
    page.goto("/import/new/")
    page.locator(f"input[name=kind][value={kind}]").check(force=True)
    page.locator("main button[type=submit]").click()
    page.locator("input[type=file]").set_input_files(str(path))
    page.locator("main button[type=submit]").click()


def go_on(page: Any, step: str) -> None:
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(f"**/{step}/")


@pytest.mark.skipif(not DATA.exists(), reason="the real files are not beside the checkout (../shared/data)")
def test_the_maven_pipeline_from_file_to_undo(page_as: Any, axe: Any, administrator: User, tmp_path: Path) -> None:
    with transaction.atomic():
        defaults.install(SalesProcess, Stage, StageCriterion, LossReason)
    company()
    Company.objects.update(base_currency="USD")
    for name in ("sales_teams", "accounts", "products"):
        mapping = command.MappingFile.load(ROOT / "examples" / "maven" / f"{name}.toml")
        command.run(administrator, DATA / "maven" / f"{name}.csv", now=clock.now, mapping=mapping)
    path = tmp_path / "sales_pipeline.csv"
    path.write_text("".join((DATA / "maven" / "sales_pipeline.csv").read_text().splitlines(keepends=True)[:600]))
    page = page_as(administrator)
    begin(page, "opportunities", path)
    page.wait_for_url("**/reading/")
    expect(page.locator("#preview")).to_contain_text("Moses Frase")
    axe(page)
    go_on(page, "columns")
    expect(page.get_by_role("heading", name="8 of 8 columns have a place")).to_be_visible()
    page.go_back()
    page.wait_for_url("**/reading/")
    go_on(page, "columns")
    go_on(page, "matching")
    go_on(page, "values")
    expect(page.locator("main")).to_contain_text("GTXPro")
    page.get_by_role("button", name="Use “GTX Pro”").click()
    for stage, means in (("Engaging", "Needs understood"), ("Prospecting", "First contact")):
        field = page.get_by_label(f"What {stage} means")
        if field.count():
            field.fill(means)
    axe(page)
    go_on(page, "check")
    expect(page.locator(".import-counts")).to_contain_text("599")
    page.reload()
    axe(page)
    page.locator("[data-run]").click()
    expect(page.locator(".facts")).to_contain_text("Done")
    job = ImportJob.objects.order_by("-pk")[0]
    assert job.counts["run"] == {"created": 599}
    assert Opportunity.objects.count() == 599
    page.get_by_text("Undo…").click()
    page.locator("[data-undo]").click()
    expect(page.locator(".facts")).to_contain_text("Undone")
    assert not Opportunity.objects.exists()


def test_a_chinese_file_in_chinese(page_as: Any, axe: Any, administrator: User, tmp_path: Path) -> None:
    path = tmp_path / "客户.csv"
    path.write_bytes(
        "客户名称,城市,员工人数\r\n华信机械有限公司,苏州,320\r\n宏达阀门厂,无锡,很多\r\n".encode("gb18030")
    )
    page = page_as(administrator, language="zh-hans", width=390)
    begin(page, "customers", path)
    page.wait_for_url("**/reading/")
    expect(page.locator("#preview")).to_contain_text("华信机械有限公司")
    page.locator("select[name=encoding]").select_option("cp1252")
    expect(page.locator("#preview")).not_to_contain_text("华信")
    page.locator("select[name=encoding]").select_option("gb18030")
    expect(page.locator("#preview")).to_contain_text("华信机械有限公司")
    for step in ("columns", "matching", "values"):
        go_on(page, step)
        axe(page)
    go_on(page, "check")
    expect(page.locator("main")).to_contain_text("“很多”不是数字。")
    page.get_by_role("button", name="更正第 3 行").click()
    page.locator("input[name=cell-2]").fill("45")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("已更正，等待再次试运行")
    page.reload()
    page.get_by_role("button", name="重试已更正的行").click()
    page.locator("[data-run]").click()
    expect(page.locator(".facts")).to_contain_text("完成")
    assert set(Customer.objects.values_list("name", "employees")) == {("华信机械有限公司", 320), ("宏达阀门厂", 45)}
    axe(page)


def test_customers_in_english(page_as: Any, axe: Any, operations: User, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("Account Name,City,Employees\nHuaxin Machinery Ltd.,Suzhou,320\nHongda Valves,Wuxi,plenty\n")
    page = page_as(operations, theme="dark")
    begin(page, "customers", path)
    page.wait_for_url("**/reading/")
    for step in ("columns", "matching", "values"):
        go_on(page, step)
        axe(page)
    go_on(page, "check")
    expect(page.locator("main")).to_contain_text("“plenty” is not a number.")
    page.locator("[data-run]").click()
    expect(page.locator(".facts")).to_contain_text("Done")
    assert list(Customer.objects.values_list("name", "employees")) == [("Huaxin Machinery Ltd.", 320)]
    with page.expect_download() as failing:
        page.get_by_role("link", name="CSV").click()
    assert "plenty" in failing.value.path().read_text(encoding="utf-8-sig")
    page.get_by_text("Undo…").click()
    page.locator("[data-undo]").click()
    expect(page.locator(".facts")).to_contain_text("Undone")
    assert not Customer.objects.exists()


MONEY = {
    "en": {
        "files": ("customers", "contracts", "payment_plans", "invoices"),
        "receipts": "receipts.csv",
        "known": "What is there already is never changed and never posted twice",
        "done": "Done",
        "undo": "Undo…",
        "undone": "Undone",
        "counts": {"created": 5, "line": 1},
        "paid": (240000, 4, 1),
    },
    "zh-hans": {
        "files": ("客户", "合同", "回款计划", "发票"),
        "receipts": "回款.csv",
        "known": "已有的记录既不会被修改，也不会重复入账",
        "done": "完成",
        "undo": "撤销…",
        "undone": "已撤销",
        "counts": {"created": 4},
        "paid": (263400, 3, 1),
    },
}
WIDTHS = {"en": (1440, "light"), "zh-hans": (390, "dark")}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_finance_brings_receipts_along_and_takes_them_back(
    page_as: Any, axe: Any, administrator: User, finance: User, language: str
) -> None:
    says, folder = MONEY[language], ROOT / "examples" / "contracts"
    kinds = ("customers", "contracts", "payment_plans", "invoices")
    for kind, name in zip(kinds, says["files"], strict=True):
        mapping = command.MappingFile.load(folder / f"{kind}.toml")
        command.run(administrator, folder / f"{name}.csv", now=clock.now, mapping=mapping)
    width, theme = WIDTHS[language]
    page = page_as(finance, language=language, width=width, theme=theme)
    page.goto("/import/new/")
    axe(page)
    assert page.locator("input[name=kind][value=customers]").count() == 0
    begin(page, "receipts", folder / says["receipts"])
    page.wait_for_url("**/reading/")
    go_on(page, "columns")
    axe(page)
    go_on(page, "matching")
    expect(page.locator("main")).to_contain_text(says["known"])
    page.locator("input[name=rows_are_lines]").check(force=True)
    axe(page)
    go_on(page, "values")
    axe(page)
    go_on(page, "check")
    axe(page)
    page.locator("[data-run]").click()
    expect(page.locator(".facts")).to_contain_text(says["done"])
    job = ImportJob.objects.order_by("-pk")[0]
    assert job.counts["run"] == says["counts"]
    allocated, receipts, refunds = says["paid"]
    assert sum(Instalment.objects.in_force().values_list("allocated", flat=True)) == allocated
    assert (Receipt.objects.count(), Refund.objects.count()) == (receipts, refunds)
    axe(page)
    page.get_by_text(says["undo"]).click()
    page.locator("[data-undo]").click()
    expect(page.locator(".facts")).to_contain_text(says["undone"])
    assert not Receipt.objects.exists()
    assert not Refund.objects.exists()
    assert not Instalment.objects.exclude(allocated=0).exists()
