"""One way to write an address: every page's ends with a slash, and the other spelling leads there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from tests.conftest import ClientOf

from loudou.people.models import User
from loudou.pipeline.models import Opportunity

FILES = (".pdf", ".eml")
"""Ends of addresses that answer with a file: they are named as files are."""


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from routes(entry, route)


def test_every_page_ends_with_a_slash() -> None:
    pages = [route for route in routes(get_resolver()) if route and not route.startswith(("api/", "^api/"))]
    assert len(pages) > 200
    assert [route for route in pages if not route.endswith(("/", *FILES))] == []


@pytest.mark.parametrize(
    "address", ["/pipeline", "/pipeline/board", "/pipeline/new", "/settings/processes", "/customers"]
)
def test_without_the_slash_one_is_sent_there_for_good(client: ClientOf, administrator: User, address: str) -> None:
    answer = client.as_(administrator).get(f"{address}?state=won&q=%E6%B3%B5")
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"{address}/?state=won&q=%E6%B3%B5"
    followed = client.as_(administrator).get(address, follow=True)
    assert [moved for moved, _status in followed.redirect_chain] == [f"{address}/"]
    assert followed.status_code in {200, 403}  # the door of the page itself answers


def test_without_the_slash_nothing_is_posted(client: ClientOf, owner: User) -> None:
    assert client.as_(owner).post("/pipeline/new", {"subject": "Two presses"}).status_code == 301
    assert not Opportunity.objects.exists()


def test_programs_are_not_sent_elsewhere(client: ClientOf, owner: User) -> None:
    for address in ("/api/v1/opportunities/", "/api/v1/nothing", "/api/nothing/"):
        answer = client.as_(owner).get(address)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_an_unknown_address_stays_unknown(client: ClientOf, owner: User) -> None:
    assert client.as_(owner).get("/pipelines").status_code == 404
    assert client.as_(owner).get("/pipeline/nowhere/").status_code == 404
