"""The record of exports: every list that can be taken as a file leaves one, and the pages show whose."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from tests.test_permissions import ADDRESSES

from loudou.core import clock
from loudou.customers.models import Customer
from loudou.exchange.exports import export
from loudou.people.choices import EventCode, Operation
from loudou.people.models import AuditEntry
from loudou.people.services.events import record_event
from loudou.web.frame.lists import ListPage


def exportable():
    """Addresses of the lists that can be taken as a file, from the URL configuration."""
    for name, entry in ADDRESSES.items():
        view = getattr(entry.callback, "view_class", object)
        if issubclass(view, ListPage) and view.export_permission:
            try:
                yield reverse(name)
            except NoReverseMatch:
                continue


LISTS = sorted(exportable())


def take(browser, address, **query):
    """Take a list as a file, to its last byte."""
    answer = browser.get(address, query)
    return b"".join(answer.streaming_content)


def test_the_lists_are_found():
    assert {"/customers/", "/contracts/", "/settings/audit/", "/settings/exports/"} <= set(LISTS)
    assert len(LISTS) >= 12


def test_every_list_leaves_a_record_with_its_address_and_its_end(client, administrator):
    browser = client.as_(administrator)
    for address in LISTS:
        known = set(AuditEntry.objects.values_list("pk", flat=True))
        content = take(browser, address, export="csv", per="50")
        events = AuditEntry.objects.filter(operation=Operation.EVENT).exclude(pk__in=known)
        begun, ended = events.order_by("pk")
        assert (begun.table_name, begun.after["address"]) == (EventCode.EXPORTED, address), address
        assert (ended.table_name, ended.object_id) == (EventCode.EXPORT_ENDED, str(begun.pk)), address
        assert (ended.after["outcome"], ended.after["bytes"]) == ("finished", len(content)), address
        assert ended.source == "web" and ended.request_id == begun.request_id, address


@pytest.mark.parametrize(("language", "title", "word"), [("en", "Customers", "complete"), ("zh-hans", "客户", "完整")])
def test_my_exports_say_which_list_with_which_filters_and_how_it_ended(client, owner, language, title, word):
    Customer.objects.create(name="Acme", owner=owner)
    browser = client.as_(owner)
    take(browser, "/customers/", export="csv", q="acme")
    owner.language = language
    owner.save()
    page = browser.get("/me/exports/").content.decode()
    assert f'<a href="/customers/?q=acme">{title}</a>' in page
    assert ": acme" in page and word in page and "CSV" in page


def test_everybody_sees_their_own_and_only_auditors_those_of_others(client, owner, colleague, auditor):
    take(client.as_(owner), "/customers/", export="csv", q="of-the-owner")
    assert "of-the-owner" not in client.as_(colleague).get("/me/exports/").content.decode()
    assert client.as_(colleague).get("/settings/exports/").status_code == 403
    page = client.as_(auditor).get("/settings/exports/").content.decode()
    assert "of-the-owner" in page and "Owner" in page
    assert "of-the-owner" not in client.as_(auditor).get("/me/exports/").content.decode()


def test_an_export_without_an_end_is_under_way_and_after_an_hour_unknown(client, owner):
    for hours in (0, 3):
        at = clock.now() - dt.timedelta(hours=hours)
        record_event(owner, EventCode.EXPORTED, at=at, details={"list": "x", "format": "csv", "address": "/gone/"})
    page = client.as_(owner).get("/me/exports/").content.decode()
    assert page.count("under way") == page.count("end unknown") == 1
    assert "/gone/" not in page


def test_filters_find_broken_off_exports(client, auditor, owner):
    take(client.as_(owner), "/customers/", export="csv", q="whole")
    file = export(
        owner,
        permission="customers.export",
        name="customers",
        columns=[],
        rows=[],
        file_format="xlsx",
        address="/customers/?q=half",
        now=clock.now,
    )
    file.chunks.close()
    page = client.as_(auditor).get("/settings/exports/", {"outcome": "broken_off"}).content.decode()
    assert "q=half" in page and "q=whole" not in page
    page = client.as_(auditor).get("/settings/exports/", {"format": "csv", "actor": owner.pk}).content.decode()
    assert "q=whole" in page and "q=half" not in page


def test_more_exports_cost_no_more_statements(client, auditor, owner):
    browser = client.as_(auditor)
    counts = []
    for _round in range(2):
        for _each in range(5):
            take(client.as_(owner), "/customers/", export="csv")
        browser = client.as_(auditor)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert browser.get("/settings/exports/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12
