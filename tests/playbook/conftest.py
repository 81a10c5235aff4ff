"""A card and what it may be about, for the tests of the playbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from tests.playbook.reading_fixtures import make_list, make_question

from loudou.catalog.models import Product, ProductLine
from loudou.customers.models import Customer
from loudou.people.models import User
from loudou.pipeline.models import Competitor, SalesProcess, Stage
from loudou.playbook.models import Card
from loudou.playbook.services import cards
from loudou.playbook.services.cards import CardDraft

__all__ = ["make_list", "make_question"]


@pytest.fixture
def at(now: dt.datetime) -> dt.datetime:
    """When things happen."""
    return now


@pytest.fixture
def stages(db: None) -> list[Stage]:
    """The stages of the standard process in order."""
    return list(SalesProcess.objects.get(is_default=True).stages.order_by("position"))


@pytest.fixture
def line(db: None) -> ProductLine:
    """A product line."""
    return ProductLine.objects.create(name="Pumps")


@pytest.fixture
def product(line: ProductLine) -> Product:
    """A product of the line."""
    return Product.objects.create(name="Pump 200", code="P200", line=line)


@pytest.fixture
def rival(db: None) -> Competitor:
    """A competitor."""
    return Competitor.objects.create(name="Rival Machines")


@pytest.fixture
def customer(owner: User) -> Customer:
    """A customer of the owner."""
    return Customer.objects.create(name="Hengda Steel", owner=owner)


@pytest.fixture
def make_card(operations: User, today: dt.date) -> Callable[..., Card]:
    """Write a card and publish it: `make_card("Seals", line_ids=[3])`; `is_published=False` leaves a draft."""

    def make(title: str, *, is_published: bool = True, until: dt.date | None = None, **facts: Any) -> Card:
        draft = CardDraft(**({"kind": "fact", "title": title, "body": f"About {title.lower()}."} | facts))
        card = cards.create_card(operations, draft=draft)
        return cards.publish_card(operations, card.pk, today=today, checked_until=until) if is_published else card

    return make
