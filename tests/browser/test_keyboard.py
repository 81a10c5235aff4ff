"""The keys that the interface promises, on list, board, record and form; the help names each of them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_pipeline import deals, stages

from loudou.pipeline.models import Opportunity

__all__ = ["deals", "stages"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KEYS = ["/", "Ctrl", "K", "n", "e", "l", "b", "j", "k", "Enter", "x", "F2", "Ctrl", "S", "Ctrl", "Enter", "Esc", "?"]


def opened(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_function("window.htmx !== undefined")


@pytest.mark.parametrize("view", ["", "/board"])
def test_help_search_and_new_record_on_list_and_board(page_as, owner, deals, view):
    page = page_as(owner)
    opened(page, f"/pipeline{view}/")
    page.keyboard.press("?")
    expect(page.locator("#dialog-title")).to_have_text("Keyboard")
    assert page.locator("#dialog .keys kbd").all_inner_texts() == KEYS
    page.keyboard.press("Escape")
    expect(page.locator("#dialog-host")).not_to_be_visible()
    page.keyboard.press("/")
    expect(page.locator("#palette-q")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#palette-host")).not_to_be_visible()
    expect(page.locator("#palette-q")).not_to_be_focused()
    opened(page, f"/pipeline{view}/")
    page.keyboard.press("n")
    expect(page.locator("#dialog-host [name=subject]")).to_be_visible()


def test_the_list_is_walked_ticked_edited_and_opened(page_as, owner, deals):
    page = page_as(owner)
    opened(page, "/pipeline/")
    rows = page.locator("tr[data-row]")
    page.keyboard.press("j")
    expect(rows.nth(0).locator(".row-link")).to_be_focused()
    page.keyboard.press("j")
    expect(rows.nth(1).locator(".row-link")).to_be_focused()
    page.keyboard.press("k")
    expect(rows.nth(0).locator(".row-link")).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("[data-bulk-count]")).to_have_text("1")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_contain_text("Two presses")
    page.keyboard.press("j")
    expect(page.locator("#panel-title")).to_contain_text("Spare parts")
    page.keyboard.press("e")
    expect(page.locator("#dialog-host [name=subject]")).to_have_value("Spare parts")
    page.keyboard.press("Escape")
    expect(page.locator("#dialog-host")).not_to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#panel-host")).not_to_be_visible()


@pytest.mark.parametrize("keys", ["Control+s", "Control+Enter"])
def test_a_form_is_saved_by_keys_and_letters_stay_letters_in_it(page_as, owner, deals, keys):
    page = page_as(owner)
    opened(page, f"/pipeline/{deals[0].pk}/")
    page.keyboard.press("e")
    subject = page.locator("#dialog-host [name=subject]")
    subject.fill("")
    subject.press_sequentially("jkne/?x")
    expect(subject).to_have_value("jkne/?x")
    page.keyboard.press(keys)
    expect(page.locator("#dialog-host")).not_to_be_visible()
    expect(page.locator("h1")).to_have_text(re.compile(re.escape("jkne/?x")))
    assert Opportunity.objects.get(pk=deals[0].pk).subject == "jkne/?x"


def test_the_next_record_of_the_list_is_one_key_away_in_the_panel(page_as, owner, deals):
    page = page_as(owner)
    opened(page, "/pipeline/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_contain_text("Two presses")
    page.keyboard.press("j")
    expect(page.locator("#panel-title")).to_contain_text("Spare parts")
    page.keyboard.press("j")
    expect(page.locator("#panel-title")).to_contain_text("Conveyor line")
    page.keyboard.press("k")
    expect(page.locator("#panel-title")).to_contain_text("Spare parts")
