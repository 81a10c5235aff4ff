"""The example area is switched on for the frame's tests."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.urls import clear_url_caches

from loudou.customers.models import Customer
from loudou.people.models import User

TEMPLATES = Path(__file__).parent / "templates"


@pytest.fixture(autouse=True)
def example_area(settings: Any) -> Any:
    """Serve the example pages beside the product's own."""
    settings.ROOT_URLCONF = "tests.web.frame.example_pages"
    engines = deepcopy(settings.TEMPLATES)
    engines[0]["DIRS"] = [*engines[0]["DIRS"], TEMPLATES]
    settings.TEMPLATES = engines
    clear_url_caches()
    yield
    clear_url_caches()


@pytest.fixture
def make_places(db: None) -> Callable[..., list[Customer]]:
    """Make customers of one owner: `make_places(owner, 60)`."""

    def make(owner: User, count: int, **facts: Any) -> list[Customer]:
        rows = [Customer(name=f"Place {n:03}", city="Wuxi", owner=owner, **facts) for n in range(count)]
        return Customer.objects.bulk_create(rows)

    return make
