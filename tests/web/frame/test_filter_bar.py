"""The filter bar: cheap while its menus are closed, complete when they are opened, usable without scripts."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from loudou.customers.models import Customer
from loudou.web.frame.views import list_state

LIST = "/places/"
MORE = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "filters-more"}


def page(client: Any, user: Any, address: str = LIST, **headers: str) -> str:
    answer = client.as_(user).get(address, **headers)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def bar(text: str) -> str:
    return text[text.index("data-filter-bar") : text.index("</form>", text.index("data-filter-bar"))]


def test_filters_behind_more_wait_until_the_menu_is_opened(client, owner, make_places):
    make_places(owner, 1)
    text = bar(page(client, owner))
    assert "employees_min" not in text
    assert f'hx-get="{LIST}?filters=more"' in text and 'id="filters-more"' in text


def test_an_opened_menu_gets_its_filters_alone(client, owner, make_places):
    make_places(owner, 1)
    text = page(client, owner, f"{LIST}?filters=more&employees_min=5", **MORE)
    assert "<html" not in text and text.count("<fieldset") == 1
    assert 'name="employees_min" value="5"' in text and 'name="employees_max"' in text


def test_without_scripts_the_menu_has_an_address_of_its_own(client, owner, make_places):
    make_places(owner, 1)
    link = re.search(r'<noscript><a class="btn btn-sm" href="([^"]+)"', page(client, owner, f"{LIST}?city=Wuxi"))
    assert link and link[1] == f"{LIST}?city=Wuxi&filters=more"
    text = bar(page(client, owner, link[1]))
    assert '<details class="menu filter" open>' in text and 'name="employees_max"' in text
    assert 'name="city" value="Wuxi"' in text


def test_a_filter_behind_more_stays_in_the_form_while_its_menu_is_closed(client, owner, make_places):
    make_places(owner, 2)
    Customer.objects.filter(name="Place 001").update(employees=80)
    text = page(client, owner, f"{LIST}?employees_min=50")
    assert text.count("<tr data-row") == 1
    assert '<input type="hidden" name="employees_min" value="50">' in bar(text)
    assert '<span class="filter-count">1</span>' in bar(text)


def test_a_page_builds_only_the_filters_that_its_address_sets(client, owner, make_places, held):
    make_places(owner, 1)
    page(client, owner)  # draws the inputs that are not set, which are remembered
    held.clear()
    page(client, owner)
    assert set(map(tuple, held)) == {()}
    held.clear()
    page(client, owner, f"{LIST}?city=Wuxi&employees_max=9")
    assert {name for names in held for name in names} == {"city", "employees"}


def test_choices_that_are_set_are_ticked(client, owner, make_places):
    make_places(owner, 1)
    text = bar(page(client, owner, f"{LIST}?kind=end_user&kind=agent"))
    assert re.findall(r'name="kind" value="(\w+)" checked', text) == ["end_user", "agent"]
    assert "checked" not in bar(page(client, owner))


def test_an_input_is_drawn_in_the_language_of_its_reader(client, owner, make_places):
    make_places(owner, 1)
    english = page(client, owner, f"{LIST}?filters=more", **MORE)
    owner.language = "zh-hans"
    owner.save()
    chinese = page(client, owner, f"{LIST}?filters=more", **MORE)
    assert 'aria-label="Employees from"' in english and 'aria-label="Employees from"' not in chinese


def test_a_value_that_makes_no_sense_is_named_and_narrows_nothing(client, owner, make_places):
    make_places(owner, 2)
    text = page(client, owner, f"{LIST}?employees_min=many")
    assert "Enter a number." in bar(text)
    assert text.count("<tr data-row") == 2


def test_a_saved_view_forgets_that_a_menu_was_open():
    assert list_state("?city=Wuxi&filters=more&page=3") == "city=Wuxi"


def test_yes_and_no_are_said_in_the_readers_language(client, owner, db):
    owner.language = "zh-hans"
    owner.save(update_fields=["language"])
    text = bar(page(client, owner, "/products/"))
    assert re.search(r'value="true"[^>]*><span[^>]*>是<', text)
    assert re.search(r'value="false"[^>]*><span[^>]*>否<', text)
