"""What is read before workers are made."""

from __future__ import annotations

import pytest
from django.template import engines
from django.urls import get_resolver
from django.utils import translation

from loudou.config import pages


@pytest.fixture
def nothing_read():
    """An engine that has not met a template yet."""
    loader = engines["django"].engine.template_loaders[0]
    kept = dict(loader.get_template_cache)
    loader.reset()
    yield loader.get_template_cache
    loader.get_template_cache.update(kept)


def test_templates_addresses_and_words_are_read_without_asking_the_database(nothing_read):
    pages.load()  # without the mark that would let it reach the database
    assert {"pipeline/board.html", "ledger/customer.html", "home/today.html"} <= set(pages.template_names())
    assert len(nothing_read) >= len(pages.template_names())
    for language in ("en", "zh-hans"):
        with translation.override(language):
            assert "today" in get_resolver().namespace_dict["home"][1].reverse_dict
