"""A handover from the person's page to the successor's confirmation, in a real browser and both languages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from tests.handover.conftest import desk, heir, leaver, make_contract, make_customer, make_sale, second_heir

from loudou.customers.models import Customer
from loudou.handover.models import Confirmation, Handover
from loudou.people.models import User

__all__ = ["desk", "heir", "leaver", "make_contract", "make_customer", "make_sale", "second_heir"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORDS: dict[str, dict[str, str]] = {
    "en": {"begin": "Hand over…", "look": "Look at what goes where", "ticked": "Give the ticked", "note": "Note…",
           "save": "Save", "carry": "Carry out", "look_at": "Look at it", "receipt": "Confirm receipt…",
           "confirm": "Confirm"},
    "zh-hans": {"begin": "客户交接…", "look": "查看各项去向", "ticked": "交出勾选的", "note": "备注…", "save": "保存",
                "carry": "办理交接", "look_at": "查看", "receipt": "确认接收…", "confirm": "确认"},
}  # fmt: skip


def choose(page: Page, name: str) -> None:
    """Choose somebody in the chooser of successors, as one who types."""
    box = page.locator("[id$=successor-ts-control]")
    box.click()
    box.press_sequentially(name)
    page.locator(".ts-dropdown [data-selectable]", has_text=name).first.click()


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh-hans", 390)])
def test_the_whole_walk(page_as: Any, axe: Any, desk, leaver, heir, second_heir, manager, language, width):
    words, page = WORDS[language], page_as(manager, language=language, width=width)
    page.goto(reverse("people:user", args=[leaver.pk]))
    page.get_by_role("link", name=words["begin"]).first.click()
    page.wait_for_url(re.compile(r"/settings/handovers/of/\d+/$"))
    choose(page, "Hana Heir")
    page.get_by_role("button", name=words["look"]).click()
    page.wait_for_url(re.compile(r"/settings/handovers/plans/\d+/$"))
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    acme = page.locator(f"input[value='customer-{desk.acme.pk}']")
    acme.check()
    choose(page, "Sven Second")
    page.get_by_role("button", name=words["ticked"]).click()
    row = page.locator(".handover-things tr", has=page.locator(f"input[value='customer-{desk.acme.pk}']"))
    expect(row).to_contain_text("Sven Second")
    row.get_by_role("link", name=words["note"]).click()
    page.locator("#dialog-host textarea").fill("Pays late")
    page.locator("#dialog-host").get_by_role("button", name=words["save"], exact=True).click()
    expect(row).to_contain_text("Pays late")
    page.locator(".page-head-actions").get_by_role("button", name=words["carry"]).click()
    page.get_by_role("alertdialog").locator("button[value=yes]").click()
    page.wait_for_url(re.compile(r"/settings/handovers/\d+/$"))
    expect(page.locator("main")).to_contain_text("Pays late")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    handover = Handover.objects.get()
    assert Customer.objects.get(pk=desk.acme.pk).owner == second_heir
    assert Customer.objects.get(pk=desk.boro.pk).owner == heir
    assert not User.objects.get(pk=leaver.pk).is_active

    taking = page_as(heir, language=language, width=width)
    taking.goto("/")
    taking.locator(".handed-over").get_by_role("link", name=words["look_at"]).click()
    taking.wait_for_url(re.compile(rf"/settings/handovers/{handover.pk}/$"))
    taking.get_by_role("link", name=words["receipt"]).click()
    taking.locator("#dialog-host").get_by_role("button", name=words["confirm"], exact=True).click()
    expect(taking.get_by_role("link", name=words["receipt"])).to_have_count(0)
    assert Confirmation.objects.get().part.successor == heir
