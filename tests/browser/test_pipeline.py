"""A rep's and a manager's day on the pipeline: drag, edit in place, act on many, keep the filters."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from loudou.core import clock
from loudou.customers.models import Customer
from loudou.people.models import User
from loudou.pipeline import defaults
from loudou.pipeline.choices import CriteriaMode, State
from loudou.pipeline.models import LossReason, Opportunity, SalesProcess, Stage, StageChange, StageCriterion
from loudou.pipeline.services.drafts import OpportunityDraft
from loudou.pipeline.services.opportunities import create_opportunity

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]


@pytest.fixture
def stages(transactional_db: Any) -> list[Stage]:
    with transaction.atomic():  # the number of stages is counted when a transaction ends
        defaults.install(SalesProcess, Stage, StageCriterion, LossReason)
    return list(SalesProcess.objects.get(is_default=True).stages.order_by("position"))


@pytest.fixture
def deals(owner: User, stages: list[Stage]) -> list[Opportunity]:
    customer = Customer.objects.create(name="Hengda Steel", owner=owner)
    made = []
    for number, subject in enumerate(("Two presses", "Spare parts", "Conveyor line")):
        draft = OpportunityDraft(
            subject=subject,
            customer_id=customer.pk,
            amount=Decimal(1000 * (number + 1)),
            expected_on=clock.today() + dt.timedelta(days=20 + number),
        )
        made.append(create_opportunity(owner, draft=draft, at=clock.now()))
    return made


def card(page: Page, subject: str) -> Any:
    return page.locator("[data-card]", has_text=subject)


def drag(page: Page, source: Any, target: Any) -> None:
    source.scroll_into_view_if_needed()
    start, end = source.bounding_box(), target.bounding_box()
    page.mouse.move(start["x"] + 40, start["y"] + start["height"] - 6)
    page.mouse.down()
    page.mouse.move(start["x"] + 60, start["y"] + start["height"], steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 40, steps=12)
    page.wait_for_timeout(150)
    page.mouse.up()


def test_a_card_is_dragged_to_the_next_stage(
    page_as: Open, owner: User, deals: list[Opportunity], stages: list[Stage]
) -> None:
    page = page_as(owner)
    page.goto("/pipeline/board/")
    drag(page, card(page, "Two presses"), page.locator(f'[data-lane="{stages[1].pk}"]'))
    expect(page.locator("#toasts")).to_contain_text("Two presses is now in")
    expect(page.locator(f'[data-lane="{stages[1].pk}"]')).to_contain_text("Two presses")
    assert Opportunity.objects.get(pk=deals[0].pk).stage == stages[1]
    assert StageChange.objects.filter(opportunity=deals[0], to_stage=stages[1]).count() == 1


def test_a_blocked_card_goes_back_and_a_manager_may_let_it_pass(
    page_as: Open, manager: User, deals: list[Opportunity], stages: list[Stage]
) -> None:
    SalesProcess.objects.filter(pk=stages[0].process_id).update(criteria_mode=CriteriaMode.BLOCK)
    page = page_as(manager)
    page.goto("/pipeline/board/")
    drag(page, card(page, "Two presses"), page.locator(f'[data-lane="{stages[1].pk}"]'))
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("cannot be left yet")
    expect(page.locator(f'[data-lane="{stages[0].pk}"]')).to_contain_text("Two presses")
    assert Opportunity.objects.get(pk=deals[0].pk).stage == stages[0]
    dialog.get_by_label("Reason for passing without them").fill("The customer signs on Friday")
    dialog.get_by_role("button", name="Move").click()
    expect(page.locator(f'[data-lane="{stages[1].pk}"]')).to_contain_text("Two presses")
    assert "The customer signs on Friday" in StageChange.objects.filter(opportunity=deals[0]).latest("at", "pk").note


def test_the_keyboard_moves_a_card_too(
    page_as: Open, owner: User, deals: list[Opportunity], stages: list[Stage]
) -> None:
    page = page_as(owner)
    page.goto("/pipeline/board/")
    card(page, "Spare parts").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(f'[data-lane="{stages[1].pk}"]')).to_contain_text("Spare parts")
    expect(page.locator("#toasts")).to_contain_text("Spare parts is now in")


def test_losing_asks_for_the_reason(page_as: Open, owner: User, deals: list[Opportunity]) -> None:
    page = page_as(owner)
    page.goto("/pipeline/board/")
    card(page, "Two presses").get_by_role("link", name="Move or close Two presses").click()
    page.locator("#dialog").get_by_role("link", name="Lost…").click()
    dialog = page.locator("#dialog")
    dialog.get_by_role("button", name="Close as lost").click()
    expect(dialog.locator("[data-field=loss_reason]")).to_contain_text("required")
    dialog.get_by_label("Why it was lost").select_option(index=1)
    dialog.get_by_role("button", name="Close as lost").click()
    expect(page.locator("#toasts")).to_contain_text("closed as lost")
    expect(card(page, "Two presses")).to_have_count(0)
    assert Opportunity.objects.get(pk=deals[0].pk).state == State.LOST


def test_a_cell_is_edited_where_it_stands(page_as: Open, owner: User, deals: list[Opportunity]) -> None:
    page = page_as(owner)
    page.goto("/pipeline/")
    row = page.locator("tr[data-row]", has_text="Two presses")
    row.locator('td[data-cell$="/cell/amount/"]').click()
    field = row.locator("input[name=amount]")
    field.fill("98765")
    field.press("Enter")
    expect(row).to_contain_text("98,765")
    expect(page).to_have_url(re.compile(r"/pipeline/$"))  # saved in place, not by leaving the page
    assert Opportunity.objects.get(pk=deals[0].pk).amount == Decimal(98765)


def test_the_subject_is_edited_in_place_and_still_opens_the_record(
    page_as: Open, owner: User, deals: list[Opportunity]
) -> None:
    page = page_as(owner)
    page.goto("/pipeline/")
    cell = page.locator("tr[data-row]", has_text="Two presses").locator("td.col-subject")
    place = cell.locator("a.row-link").get_attribute("href")
    cell.locator("a.row-link").focus()
    page.keyboard.press("F2")
    field = page.locator("form[data-cell-form] input[name=subject]")
    field.fill("Three presses")
    field.press("Enter")
    link = page.locator("a.row-link", has_text="Three presses")
    expect(link).to_have_attribute("href", place or "")
    assert Opportunity.objects.get(pk=deals[0].pk).subject == "Three presses"
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_have_text("Three presses")


def test_many_are_changed_at_once_with_a_summary(
    page_as: Open, owner: User, deals: list[Opportunity], stages: list[Stage]
) -> None:
    page = page_as(owner)
    page.goto("/pipeline/")
    page.locator("[data-select-page]").check()
    page.locator("[data-bulk]", has_text="Priority").click()
    page.locator("#dialog").get_by_label("Priority").select_option(label="High")
    page.locator("#dialog").get_by_role("button", name="Apply").click()
    expect(page.locator("#dialog")).to_contain_text("3 rows were changed")
    assert set(Opportunity.objects.values_list("priority", flat=True)) == {3}


def test_filters_stay_while_the_view_changes(page_as: Open, owner: User, deals: list[Opportunity]) -> None:
    page = page_as(owner)
    page.goto("/pipeline/?q=press")
    for name in ("Board", "Funnel", "Calendar", "Forecast", "Distribution", "List"):
        page.locator("[data-view-link]", has_text=name).click()
        page.wait_for_load_state()
        assert "q=press" in page.url
        expect(page.locator("[data-list-search]")).to_have_value("press")
    expect(page.locator("tr[data-row]")).to_have_count(1)


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1440), ("zh-hans", "dark", 390)])
def test_every_view_is_accessible_in_both_languages(
    page_as: Open,
    axe: Callable[[Page], None],
    owner: User,
    deals: list[Opportunity],
    language: str,
    theme: str,
    width: int,
) -> None:
    page = page_as(owner, language=language, theme=theme, width=width)
    for address in (
        "",
        "/board",
        "/funnel",
        "/calendar",
        "/forecast",
        "/distribution",
        f"/{deals[0].pk}",
        f"/{deals[0].pk}/edit",
        "/new",
    ):
        page.goto(f"/pipeline{address}/")
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        if language == "zh-hans":
            assert not re.search(r"\b(Stage|Amount|Save)\b", page.locator("main").inner_text()), address


@pytest.mark.parametrize(("theme", "light_words"), [("light", False), ("dark", True)])
def test_words_of_a_chart_stand_out_from_the_theme(
    page_as: Open, owner: User, deals: list[Opportunity], theme: str, light_words: bool
) -> None:
    page = page_as(owner, theme=theme)
    page.goto("/pipeline/distribution/")
    page.wait_for_function("window.echarts?.getInstanceByDom(document.querySelector('[data-chart]'))")
    colour = page.evaluate(
        "echarts.getInstanceByDom(document.querySelector('[data-chart]')).getOption().yAxis[0].axisLabel.color"
    )
    channels = [int(channel) for channel in re.findall(r"\d+", colour)[:3]]
    assert (min(channels) > 180, max(channels) < 110) == (light_words, not light_words), colour


@pytest.mark.parametrize(
    ("language", "width", "change", "in_a_week", "save"),
    [("en", 1440, "Change", "In a week", "Save"), ("zh-hans", 390, "更改", "一周后", "保存")],
)
def test_the_next_step_is_set_with_a_day_that_is_one_click_away(
    page_as: Open,
    owner: User,
    deals: list[Opportunity],
    language: str,
    width: int,
    change: str,
    in_a_week: str,
    save: str,
) -> None:
    page = page_as(owner, language=language, width=width)
    page.goto(f"/pipeline/{deals[0].pk}/")
    page.locator(".deal-main").get_by_role("link", name=change, exact=True).first.click()
    dialog = page.locator("#dialog")
    dialog.locator("[name=next_step]").fill("Send the offer")
    choice = dialog.get_by_role("button", name=in_a_week, exact=True)
    day = choice.get_attribute("data-value") or ""
    choice.click()
    expect(dialog.locator("[name=next_step_on]")).to_have_value(day)
    dialog.get_by_role("button", name=save, exact=True).click()
    expect(page.locator(".deal-main .card").first).to_contain_text("Send the offer")
    deals[0].refresh_from_db()
    assert (deals[0].next_step, deals[0].next_step_on) == ("Send the offer", dt.date.fromisoformat(day))


def test_on_a_phone_rows_are_cards_and_the_current_tab_is_in_sight(
    page_as: Open, owner: User, deals: list[Opportunity]
) -> None:
    page = page_as(owner, width=390, height=800)
    page.goto("/pipeline/?state=won&sort=-updated_at")
    expect(page.locator(".view-tab[aria-current]")).to_be_in_viewport()
    page.goto("/pipeline/")
    row = page.locator("tr[data-row]", has_text="Two presses")
    for words in ("Two presses", "Hengda Steel", "1,000"):
        expect(row.get_by_text(words)).to_be_in_viewport(ratio=1)
    wide = page.locator(".table-responsive").evaluate_all(
        "all => all.filter(it => it.scrollWidth > it.clientWidth).length"
    )
    assert wide == 0


def test_what_happened_is_logged_from_the_side_panel_by_keyboard(
    page_as: Open, owner: User, deals: list[Opportunity]
) -> None:
    page = page_as(owner)
    page.goto("/pipeline/")
    page.locator("a.row-link", has_text="Two presses").click()
    expect(page.locator("#panel-title")).to_have_text("Two presses")
    page.keyboard.press("l")
    text = page.locator("#dialog [name=text]")
    expect(text).to_be_focused()
    text.fill("Called, wants an offer")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#panel")).to_contain_text("Owner: Called, wants an offer")
    assert Opportunity.objects.get(pk=deals[0].pk).notes.endswith("Owner: Called, wants an offer")


@pytest.mark.parametrize("width", [1440, 1280])
def test_long_names_wrap_and_leave_the_last_column_in_sight(
    page_as: Open, owner: User, deals: list[Opportunity], width: int
) -> None:
    Opportunity.objects.filter(pk=deals[0].pk).update(
        subject="Chengyu Municipal Design Institute: Centrifugal pumps for a new production line, second phase",
        amount=Decimal("1234567.89"), expected_on="2026-01-31",
    )  # fmt: skip
    page = page_as(owner, width=width)
    page.goto("/pipeline/")
    expect(page.locator("tr[data-row]").first).to_be_visible()
    assert page.evaluate(
        "[...document.querySelectorAll('.list-card > .table-responsive')].every((e) => e.scrollWidth <= e.clientWidth)"
    )
