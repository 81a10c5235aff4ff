"""Lists: fragments, pages, order, columns, exports, walking."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loudou.customers.models import Customer
from loudou.web.frame import paging

LIST = "/places/"
ROWS = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "list"}


def test_full_page_and_fragment_show_the_same_rows(client, owner, make_places):
    make_places(owner, 3)
    page, fragment = client.as_(owner).get(LIST), client.as_(owner).get(LIST, **ROWS)
    assert page.content.count(b"<tr data-row") == fragment.content.count(b"<tr data-row") == 3
    assert b"<html" in page.content and b"<html" not in fragment.content and b'id="list"' in fragment.content


def test_rows_of_others_are_not_listed(client, owner, stranger, make_places):
    make_places(stranger, 2)
    answer = client.as_(owner).get(LIST)
    assert b"Place 00" not in answer.content and b"No places yet" in answer.content


def test_pages_never_overlap_and_count_is_exact(client, owner, make_places):
    make_places(owner, 60)
    seen = [client.as_(owner).get(f"{LIST}?page={n}", **ROWS).content.decode() for n in (1, 2, 3)]
    assert [text.count("<tr data-row") for text in seen] == [25, 25, 10]
    assert "26–50 of 60" in seen[1]
    assert all(sum(f"Place {n:03}" in text for text in seen) == 1 for n in range(60))


def test_a_page_beyond_the_last_shows_the_last(client, owner, make_places):
    make_places(owner, 60)
    text = client.as_(owner).get(f"{LIST}?page=99", **ROWS).content.decode()
    assert text.count("<tr data-row") == 10 and "51–60 of 60" in text


def test_counting_stops_at_the_cap(client, owner, make_places, monkeypatch):
    monkeypatch.setattr(paging, "COUNT_CAP", 50)
    make_places(owner, 80)
    text = client.as_(owner).get(LIST, **ROWS).content.decode()
    assert "1–25 of 50+" in text


def test_pages_go_as_far_as_the_cap_and_say_that_there_is_more(owner, make_places):
    make_places(owner, 80)
    places = Customer.objects.order_by("pk")
    page = paging.turn_to(places, number=9, size=25, known=51, cap=50)
    assert (page.number, page.count, page.capped, len(page.rows)) == (2, 50, True, 25)
    page = paging.turn_to(places, number=1, size=25, known=80, cap=200)
    assert (page.count, page.capped) == (80, False)


def test_all_rows_of_a_single_page_are_read_without_walking_down_an_order(owner, make_places):
    make_places(owner, 20)
    with CaptureQueriesContext(connection) as captured:
        page = paging.turn_to(Customer.objects.order_by("name"), number=3, size=25, known=20)
    assert (page.number, page.count, len(page.rows)) == (1, 20, 20)
    (statement,) = captured.captured_queries
    assert "LIMIT" not in statement["sql"]


def test_statements_do_not_grow_with_rows(client, owner, make_places):
    signed_in = client.as_(owner)
    make_places(owner, 5)
    signed_in.get(LIST)
    with CaptureQueriesContext(connection) as few:
        signed_in.get(LIST)
    make_places(owner, 80)
    with CaptureQueriesContext(connection) as many:
        signed_in.get(LIST)
    assert len(many) <= len(few) + 1 <= 8  # one more to count, once there is more than a page


@pytest.mark.parametrize(
    ("sort", "first"),
    [("name", "Place 000"), ("-name", "Place 009"), ("nonsense", "Place 000"), ("-annual_revenue", "Place 000")],
)
def test_order_comes_from_the_address_and_nonsense_is_ignored(client, owner, make_places, sort, first):
    make_places(owner, 10)
    text = client.as_(owner).get(f"{LIST}?sort={sort}", **ROWS).content.decode()
    assert text.index(first) == min(text.index(f"Place {n:03}") for n in range(10))


def test_chosen_columns_are_shown_and_the_first_always_leads(client, owner, make_places):
    make_places(owner, 1)
    text = client.as_(owner).get(f"{LIST}?cols=updated_at,kind", **ROWS).content.decode()
    heads = text[text.index("<thead>") : text.index("</thead>")]
    assert "Name" in heads and "Changed" in heads and "City" not in heads


def test_filters_narrow_and_say_so(client, owner, make_places):
    make_places(owner, 3)
    Customer.objects.filter(name="Place 001").update(city="Suzhou")
    text = client.as_(owner).get(f"{LIST}?city=Suzhou", **ROWS).content.decode()
    assert (
        text.count("<tr data-row") == 1
        and '<span class="chip-label">City</span><span class="chip-text">Suzhou</span>' in text
    )


def test_an_empty_filtered_list_offers_to_clear_the_filters(client, owner, make_places):
    make_places(owner, 3)
    text = client.as_(owner).get(f"{LIST}?q=nowhere", **ROWS).content.decode()
    assert "Nothing matches these filters" in text and "Clear all filters" in text


def test_text_from_rows_is_escaped(client, owner):
    Customer.objects.create(name="<script>alert(1)</script>", owner=owner)
    content = client.as_(owner).get(LIST).content
    assert b"<script>alert" not in content and b"&lt;script&gt;alert" in content


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_export_needs_its_permission_and_holds_the_filtered_rows(client, owner, make_user, make_places, file_format):
    make_places(owner, 3)
    Customer.objects.filter(name="Place 001").update(city="Suzhou")
    answer = client.as_(owner).get(f"{LIST}?city=Suzhou&export={file_format}")
    content = b"".join(answer.streaming_content)
    assert answer["Content-Disposition"].startswith("attachment")
    if file_format == "csv":
        assert content.decode("utf-8-sig").splitlines() == [
            "Name,City,Kind,Revenue,Currency",
            "Place 001,Suzhou,End user,,",
        ]


def test_export_without_permission_is_refused(client, make_user, make_places):
    nobody = make_user("nobody")
    nobody.roles = []
    nobody.save()
    assert client.as_(nobody).get(f"{LIST}?export=csv").status_code == 403


def test_walking_follows_the_filtered_and_sorted_list(client, owner, make_places):
    rows = make_places(owner, 5)
    source = f"{LIST}?sort=-name"
    text = client.as_(owner).get(f"/places/{rows[2].pk}/?from={quote(source)}&at=2").content.decode()
    previous = text[text.index('data-walk="previous"') - 200 : text.index('data-walk="previous"')]
    following = text[text.index('data-walk="next"') - 200 : text.index('data-walk="next"')]
    assert f"/places/{rows[3].pk}/?" in previous and f"/places/{rows[1].pk}/?" in following


@pytest.mark.parametrize(
    "source",
    ["https://elsewhere.example/places/", "//elsewhere.example/", "/places/refuse/", "/nope/", "javascript:alert(1)"],
)
def test_walking_only_follows_our_own_lists(client, owner, make_places, source):
    row = make_places(owner, 1)[0]
    answer = client.as_(owner).get(f"/places/{row.pk}/?from={quote(source)}&at=0")
    assert answer.status_code == 200 and b"data-walk" not in answer.content and b'class="walk"' not in answer.content


def test_a_default_view_opens_and_all_leads_out_of_it(client, owner, make_places):
    from loudou.people.services import saved_views as services

    make_places(owner, 3)
    view = services.save_view(owner, page="places:list", name="Suzhou", query="city=Suzhou", is_pinned=True)
    services.set_default_view(owner, view.pk, is_default=True)
    answer = client.as_(owner).get(LIST)
    assert answer.status_code == 302 and answer["Location"] == f"{LIST}?city=Suzhou&view={view.pk}"
    assert client.as_(owner).get(f"{LIST}?view=all").status_code == 200
