"""The frame in a real browser: keys, panel, dialogs, palette, inline edit, bulk, themes, phones."""

from __future__ import annotations

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.urls import clear_url_caches
from playwright.sync_api import Page, expect

from loudou.customers.models import Customer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEMPLATES = Path(__file__).resolve().parents[1] / "web" / "frame" / "templates"
LIST = "/places/"


@pytest.fixture(autouse=True)
def example_area(settings: Any) -> Any:
    """Serve the frame's example pages beside the product's own."""
    settings.ROOT_URLCONF = "tests.web.frame.example_pages"
    engines = deepcopy(settings.TEMPLATES)
    engines[0]["DIRS"] = [*engines[0]["DIRS"], TEMPLATES]
    settings.TEMPLATES = engines
    clear_url_caches()
    yield
    clear_url_caches()


@pytest.fixture
def places(owner: Any) -> list[Customer]:
    """Thirty customers of the owner: more than one page."""
    return Customer.objects.bulk_create(Customer(name=f"Place {n:03}", city="Wuxi", owner=owner) for n in range(30))


def open_list(page: Page, query: str = "") -> None:
    page.goto(f"{LIST}{query}")
    page.wait_for_function("window.htmx !== undefined")
    expect(page.locator("#list")).to_be_visible()


def test_a_row_opens_the_panel_and_back_closes_it(page_as, owner, places):
    page = page_as(owner)
    open_list(page)
    page.locator("tr[data-row]").nth(1).locator("td").nth(3).click()
    expect(page.locator("#panel-title")).to_have_text("Place 001")
    assert "panel=" in page.url
    page.locator("#panel [data-walk=next]").click()
    expect(page.locator("#panel-title")).to_have_text("Place 002")
    page.go_back()
    expect(page.locator("#panel-title")).to_have_text("Place 001")
    page.go_back()
    expect(page.locator("#panel-host")).not_to_be_visible()
    assert "panel=" not in page.url


def test_a_shared_address_opens_the_same_panel(page_as, owner, places):
    page = page_as(owner)
    open_list(page, f"?panel=/places/{places[4].pk}/%3Fat%3D4")
    expect(page.locator("#panel-title")).to_have_text("Place 004")
    page.keyboard.press("Escape")
    expect(page.locator("#panel-host")).not_to_be_visible()


def test_keys_walk_the_list_open_and_edit(page_as, owner, places):
    page = page_as(owner)
    open_list(page)
    for _ in range(3):
        page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator(".row-link:focus")).to_have_text("Place 001")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_have_text("Place 001")
    page.keyboard.press("e")
    dialog = page.locator("#dialog-host")
    expect(dialog.get_by_label("Name")).to_have_value("Place 001")
    dialog.get_by_label("City").fill("Ningbo")
    page.keyboard.press("Control+s")
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    expect(dialog).not_to_be_visible()
    expect(page.locator("#panel")).to_contain_text("Ningbo")
    expect(page.locator("tr[data-row]").nth(1)).to_contain_text("Ningbo")


def test_letters_belong_to_fields(page_as, owner, places):
    page = page_as(owner)
    open_list(page)
    page.locator("#filter_q").focus()
    page.keyboard.type("jnek?/")
    expect(page.locator("#filter_q")).to_have_value("jnek?/")
    expect(page.locator("#dialog-host")).not_to_be_visible()


def test_search_narrows_and_puts_itself_into_the_address(page_as, owner, places):
    page = page_as(owner)
    open_list(page)
    page.locator("#filter_q").fill("007")
    expect(page.locator("tr[data-row]")).to_have_count(1)
    page.wait_for_url(re.compile(r"\?q=007$"))
    page.reload()
    expect(page.locator("tr[data-row]")).to_have_count(1)
    page.get_by_role("link", name="Clear all").click()
    expect(page.locator("tr[data-row]")).to_have_count(25)


def test_filters_behind_more_come_when_the_menu_is_opened_with_the_keyboard(page_as, owner, places):
    Customer.objects.filter(name="Place 007").update(employees=80)
    page = page_as(owner)
    open_list(page)
    expect(page.locator("[name=employees_min]")).to_have_count(0)
    menu = page.locator("summary", has_text="More")
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[name=employees_min]")).to_be_visible()
    expect(menu).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("50")
    page.keyboard.press("Tab")
    expect(page.locator("tr[data-row]")).to_have_count(1)
    page.wait_for_url(re.compile(r"\?employees_min=50$"))
    page.reload()
    page.locator("summary", has_text="Kind").click()
    page.get_by_label("End user").check()  # the other filter stays although its menu is closed
    page.wait_for_url(re.compile(r"kind=end_user&employees_min=50$"))


def test_the_user_menu_changes_the_language_and_lets_one_leave(page_as, owner, places):
    page = page_as(owner)
    open_list(page)
    page.get_by_role("button", name=f"Menu of {owner.name}").click()
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    assert page.url.endswith("/places/")
    page.locator(".user-button").click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url(re.compile("/sign-in/"))


def test_back_returns_to_the_former_filter(page_as, owner, places):
    page = page_as(owner)
    open_list(page)
    page.get_by_role("link", name="City", exact=True).click()
    page.wait_for_url(re.compile("sort=city"))
    page.get_by_role("link", name="Next page").click()
    page.wait_for_url(re.compile("page=2"))
    expect(page.locator("tr[data-row]")).to_have_count(5)
    page.go_back()
    expect(page.locator("tr[data-row]")).to_have_count(25)
    assert "page=2" not in page.url


def test_the_palette_finds_pages_and_records_and_goes_there(page_as, owner, places):
    page = page_as(owner)
    open_list(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("about")  # at once: no letter is lost
    expect(page.locator("#palette-q")).to_have_value("about")
    expect(page.get_by_role("option")).to_have_count(2)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/about/"))


def test_enter_pressed_before_the_palette_has_found_anything_goes_there_once_it_has(page_as, owner, places):
    page = page_as(owner)
    open_list(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("about")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/about/"))


def test_a_search_given_up_for_a_newer_one_is_no_problem_of_the_page(page_as, owner, places):
    page = page_as(owner)
    open_list(page)
    given_up: list[str] = []
    page.on("requestfailed", lambda request: given_up.append(request.url))
    page.route(re.compile(r"[?&]q=pl$"), lambda route: None)  # never answered
    page.keyboard.press("Control+k")
    with page.expect_request(re.compile(r"[?&]q=pl$")):
        page.keyboard.type("pl")
    page.keyboard.type("ace")
    expect(page.get_by_role("option").first).to_contain_text("Place")
    assert [url.rpartition("q=")[2] for url in given_up] == ["pl"]


def test_help_shows_the_keys(page_as, owner, places):
    page = page_as(owner)
    open_list(page)
    page.keyboard.press("?")
    expect(page.locator("#dialog-title")).to_have_text("Keyboard")
    page.keyboard.press("Escape")
    expect(page.locator("#dialog-host")).not_to_be_visible()


def test_a_cell_is_edited_in_place_and_esc_takes_it_back(page_as, owner, places):
    page = page_as(owner)
    open_list(page)
    cell = page.locator("tr[data-row]").first.locator("td.col-city")
    cell.click()
    page.locator("form[data-cell-form] input[name=city]").fill("Hefei")
    page.keyboard.press("Escape")
    expect(page.locator("tr[data-row]").first).to_contain_text("Wuxi")
    page.locator("tr[data-row]").first.locator("td.col-city").click()
    page.locator("form[data-cell-form] input[name=city]").fill("Hefei")
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-row]").first).to_contain_text("Hefei")
    expect(page.locator("form[data-cell-form]")).to_have_count(0)
    assert Customer.objects.get(pk=places[0].pk).city == "Hefei"


def test_bulk_changes_the_ticked_rows_and_says_what_was_done(page_as, owner, places):
    page = page_as(owner)
    open_list(page)
    page.locator("input[data-select]").nth(0).check()
    page.locator("input[data-select]").nth(2).click(modifiers=["Shift"])
    expect(page.locator("[data-bulk-count]")).to_have_text("3")
    page.get_by_role("link", name="Move to city").click()
    dialog = page.locator("#dialog-host")
    expect(dialog).to_contain_text("This changes 3 rows.")
    dialog.get_by_label("City").fill("Hefei")
    dialog.get_by_role("button", name="Apply").click()
    expect(dialog).to_contain_text("3 rows were changed.")
    assert Customer.objects.filter(city="Hefei").count() == 3


def test_bulk_reaches_all_pages_of_the_filter(page_as, owner, places):
    page = page_as(owner)
    open_list(page)
    page.locator("[data-select-page]").check()
    page.get_by_role("button", name="Select all 30").click()
    page.get_by_role("link", name="Move to city").click()
    dialog = page.locator("#dialog-host")
    expect(dialog).to_contain_text("This changes 30 rows.")
    dialog.get_by_label("City").fill("Hefei")
    dialog.get_by_role("button", name="Apply").click()
    expect(dialog).to_contain_text("30 rows were changed.")
    assert Customer.objects.filter(city="Hefei").count() == 30


def test_what_was_typed_is_not_lost_without_a_question(page_as, owner, places):
    page = page_as(owner)
    open_list(page)
    page.keyboard.press("n")
    dialog = page.locator("#dialog-host")
    dialog.get_by_label("Name").fill("Half")
    page.keyboard.press("Escape")
    question = page.get_by_role("alertdialog")
    expect(question).to_contain_text("not saved yet")
    question.get_by_role("button", name="Cancel").click()
    expect(dialog.get_by_label("Name")).to_have_value("Half")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/places/\d+/$"))
    assert Customer.objects.filter(name="Half").count() == 1


def test_a_view_is_saved_and_becomes_a_tab(page_as, owner, places):
    page = page_as(owner)
    open_list(page, "?q=007")
    page.locator(".views summary").click()
    page.get_by_role("link", name="Save this view…").click()
    dialog = page.locator("#dialog-host")
    dialog.get_by_label("Name").fill("Seven")
    dialog.get_by_label("Pin as a tab above the list").check()
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("Seven")
    page.goto(LIST)
    page.locator(".view-tab", has_text="Seven").click()
    expect(page.locator("tr[data-row]")).to_have_count(1)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_nothing_serious_for_axe(page_as, axe, owner, places, language, theme):
    page = page_as(owner, language=language, theme=theme)
    open_list(page, "?q=Place")
    axe(page)
    page.locator("tr[data-row]").first.locator(".row-link").click()
    expect(page.locator("#panel-title")).to_be_visible()
    page.locator("input[data-select]").first.check()
    axe(page)
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-q")).to_be_visible()
    axe(page)
    page.goto("/about/")
    axe(page)


def test_a_phone_never_scrolls_sideways(page_as, axe, owner, places):
    page = page_as(owner, width=390, height=800)
    for address in (LIST, "/", "/about/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    open_list(page)
    page.get_by_role("button", name="Navigation").click()
    expect(page.get_by_role("link", name="Today")).to_be_visible()
    axe(page)
