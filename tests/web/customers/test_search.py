"""Search over everything, on its page and in the palette."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from loudou.core import kept
from loudou.core.rates import company
from loudou.web.frame.search import search_everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(owner, make_customer, make_sale, product):
    customer = make_customer(owner, "Pump works", city="Wuxi")
    make_sale(customer, owner)
    return customer


def kinds(user, query):
    return {group.icon: [found.text for found in group.found] for group in search_everything(user, query, limit=5)}


def test_each_kind_is_found_by_those_who_see_it(owner, stranger, finance, executive, acme):
    everything = {"filter": ["Sale to Pump works"], "building": ["Pump works"], "package": ["Pump 200"]}
    assert kinds(owner, "pump") == kinds(executive, "pump") == everything
    assert kinds(stranger, "pump") == {"package": ["Pump 200"]}
    assert kinds(finance, "pump") == {"building": ["Pump works"], "package": ["Pump 200"]}


def test_a_company_is_named_before_its_sales(owner, acme):
    assert list(kinds(owner, "pump")) == ["building", "filter", "package"]


def test_nothing_typed_finds_nothing(owner, acme):
    assert kinds(owner, "%") == kinds(owner, " ") == {}


def test_the_page_shows_groups_with_counts(client, owner, acme):
    browser = client.as_(owner)
    company()  # its row is there
    kept.forget()  # as in the first request of a process
    with CaptureQueriesContext(connection) as captured:
        page = browser.get(reverse("frame:search"), {"q": "pump"}).content.decode()
    assert len(captured) <= 12
    assert reverse("customers:customer", args=[acme.pk]) in page and "Sale to Pump works" in page


def test_the_page_says_when_there_is_nothing(client, owner):
    page = client.as_(owner).get(reverse("frame:search"), {"q": "<b>nowhere</b>"}).content.decode()
    assert "&lt;b&gt;nowhere&lt;/b&gt;" in page
