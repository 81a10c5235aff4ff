"""What every list of the product keeps to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, get_resolver

from loudou.web.frame.lists import ListPage


def lists(patterns: Any = None, prefix: str = "/") -> Iterator[tuple[str, type[ListPage]]]:
    """Address and class of every list that needs no argument."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        address = prefix + str(pattern.pattern)
        if not isinstance(pattern, URLPattern):
            yield from lists(pattern.url_patterns, address)
        elif "<" not in address and issubclass(getattr(pattern.callback, "view_class", object), ListPage):
            yield address, pattern.callback.view_class


ADDRESSES = [address for address, _view in lists()]


def test_the_lists_of_the_product_are_found():
    assert {"/pipeline/", "/pipeline/board/", "/customers/"} <= set(ADDRESSES)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_list_builds_no_filter_that_its_address_does_not_set(client, make_user, held, address):
    browser = client.as_(make_user("root", "administrator"))
    assert browser.get(address).status_code in {200, 302}  # draws the inputs that are not set, which are remembered
    held.clear()
    browser.get(address)
    assert [names for names in held if names] == []
