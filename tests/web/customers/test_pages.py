"""Every page of customers, contacts and products: who may open it, and how many statements it takes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from loudou.core import kept
from loudou.customers import services

pytestmark = pytest.mark.django_db
MOST_STATEMENTS = 12


def statements(client, address, **headers):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address, headers=headers)
    assert response.status_code == 200, response.content[:500]
    return [query["sql"] for query in captured]


@pytest.fixture
def addresses(owner, colleague, make_full, contact, product):
    customer = make_full(owner, colleague, 1)
    post = contact.posts.get()
    return {
        "list": reverse("customers:customer_list"),
        "add": reverse("customers:customer_add"),
        "record": reverse("customers:customer", args=[customer.pk]),
        "edit": reverse("customers:customer_edit", args=[customer.pk]),
        "history": reverse("people:history", args=["customers_customer", customer.pk]),
        "aside": reverse("customers:customer_aside", args=[customer.pk]),
        "contact history": reverse("people:history", args=["customers_contact", contact.pk]),
        "member": reverse("customers:member_add", args=[customer.pk]),
        "parties": reverse("customers:parties_add", args=[customer.pk]),
        "parties of a line": reverse("customers:parties_edit", args=[customer.pk, customer.line_parties.get().line_id]),
        "file": reverse("customers:file_add", args=[customer.pk]),
        "cell": reverse("customers:customer_cell", args=[customer.pk, "industry"]),
        "contacts": reverse("customers:contact_list"),
        "new contact": reverse("customers:contact_add") + f"?customer={customer.pk}",
        "contact": reverse("customers:contact", args=[contact.pk]),
        "edit contact": reverse("customers:contact_edit", args=[contact.pk]),
        "move": reverse("customers:contact_move", args=[contact.pk]),
        "new post": reverse("customers:post_add", args=[contact.pk]),
        "edit post": reverse("customers:post_edit", args=[post.pk]),
        "end post": reverse("customers:post_end", args=[post.pk]),
        "products": reverse("customers:product_list"),
        "product": reverse("customers:product", args=[product.pk]),
        "lines": reverse("customers:line_list"),
        "lookup": reverse("frame:choose_customers") + "?q=acm",
        "people": reverse("frame:choose_people") + "?q=own",
        "change many": reverse("customers:customers_change") + f"?ids={customer.pk}",
        "alike": reverse("customers:customer_alike") + "?name=acme",
    }


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_opens_within_its_budget(client, owner, addresses, language):
    owner.language = language
    owner.save()
    browser = client.as_(owner)
    used = {}
    for name, address in addresses.items():
        kept.forget()  # as in the first request of a process
        used[name] = len(statements(browser, address))
    assert {name: count for name, count in used.items() if count > MOST_STATEMENTS} == {}


def test_the_pages_of_those_who_set_products_up_open(client, operations, addresses, product):
    browser = client.as_(operations)
    for address in (
        reverse("customers:product_add"),
        reverse("customers:product_edit", args=[product.pk]),
        reverse("customers:line_add"),
        reverse("customers:line_edit", args=[product.line_id]),
        addresses["edit contact"],
        addresses["record"] + "assign/",
        reverse("customers:customers_assign") + "?ids=1,2",
    ):
        assert browser.get(address).status_code == 200, address


@pytest.mark.parametrize("name", ["list", "contacts", "record", "aside", "contact", "products"])
def test_twice_the_rows_take_no_more_statements(client, owner, colleague, make_full, name, contact, product):
    customer = make_full(owner, colleague, 3)
    address = {
        "list": reverse("customers:customer_list"),
        "contacts": reverse("customers:contact_list"),
        "record": reverse("customers:customer", args=[customer.pk]),
        "aside": reverse("customers:customer_aside", args=[customer.pk]),
        "contact": reverse("customers:contact", args=[contact.pk]),
        "products": reverse("customers:product_list"),
    }[name]
    browser = client.as_(owner)
    browser.get(address)
    before = statements(browser, address)
    bigger = make_full(owner, colleague, 6, name="Bigger")
    address = address.replace(f"/{customer.pk}/", f"/{bigger.pk}/") if name in ("record", "aside") else address
    after = statements(browser, address)
    assert len(after) <= len(before), after


def test_strangers_find_none_of_it(client, stranger, addresses):
    browser = client.as_(stranger)
    lists = {"list", "contacts", "products", "lines", "lookup", "people", "alike", "change many"}
    open_to_all = lists | {"add", "new contact", "product"}
    for name, address in addresses.items():
        expected = 200 if name in open_to_all else 404
        assert browser.get(address).status_code == expected, name
    page = browser.get(addresses["list"]).content.decode() + browser.get(addresses["lookup"]).content.decode()
    assert "Acme" not in page


def test_visitors_are_asked_to_sign_in(client, addresses):
    for name, address in addresses.items():
        assert client.get(address).status_code == 302, name


def test_who_only_reads_gets_no_forms(client, executive, finance, addresses):
    for user in (executive, finance):
        browser = client.as_(user)
        assert browser.get(addresses["record"]).status_code == 200
        for name in ("add", "edit", "member", "parties", "file", "cell", "move", "edit post", "change many"):
            assert browser.get(addresses[name]).status_code == 403, name
        assert addresses["edit"] not in browser.get(addresses["record"]).content.decode()


def test_finance_sees_customers_without_sales(client, finance, addresses):
    page = client.as_(finance).get(addresses["record"]).content.decode()
    assert "Sale to Acme" not in page and "Person 0" in page


def test_a_foreign_parent_shows_its_name_but_no_way_in(client, owner, stranger, operations, make_customer, now):
    foreign = make_customer(stranger, "Foreign group")
    customer = make_customer(owner, "Ours")
    services.update_customer(operations, customer.pk, changes={"parent_id": foreign.pk}, at=now)
    page = client.as_(owner).get(reverse("customers:customer", args=[customer.pk])).content.decode()
    page += client.as_(owner).get(reverse("customers:customer_aside", args=[customer.pk])).content.decode()
    assert "Foreign group" in page
    assert reverse("customers:customer", args=[foreign.pk]) not in page
