"""Which cards stand beside a sale, a product, a customer, and in which order."""

from __future__ import annotations

import datetime as dt

import pytest

from loudou.catalog.models import Product, ProductLine
from loudou.pipeline.models import Competitor, Stage
from loudou.pipeline.services import opportunities
from loudou.pipeline.services.drafts import LineDraft, OpportunityDraft
from loudou.playbook import selectors
from loudou.playbook.selectors import Situation

pytestmark = pytest.mark.django_db


@pytest.fixture
def sale(owner, customer, product, rival, at):
    """A sale of the pump to Hengda, in the first stage, against the rival, replacing something."""
    draft = OpportunityDraft(
        subject="Pumps", customer_id=customer.pk, purchase_kind="replacement", lines=(LineDraft(product.pk, 1, 1),)
    )
    row = opportunities.create_opportunity(owner, draft=draft, at=at)
    opportunities.set_competitors(owner, row.pk, competitor_ids=[rival.pk])
    row.refresh_from_db()
    return row


def names(found):
    return [each.card.name for each in found]


def test_a_sale_shows_the_rival_then_the_stage_then_the_way_of_buying_then_the_product(
    owner, sale, product, rival, stages, make_card, today
):
    other = Product.objects.create(name="Valve")
    elsewhere = Competitor.objects.create(name="Somebody else")
    make_card("Everybody")
    make_card("Product", product_ids=[product.pk])
    make_card("Purchase", purchase_kind="replacement")
    make_card("Stage", stage_ids=[stages[0].pk])
    make_card("Rival", kind="competitor", competitor_id=rival.pk)
    make_card("Later stage", stage_ids=[stages[3].pk], product_ids=[product.pk])
    make_card("Other rival", kind="competitor", competitor_id=elsewhere.pk)
    make_card("First purchase", purchase_kind="new")
    make_card("Other product", product_ids=[other.pk])
    make_card("Draft", product_ids=[product.pk], is_published=False)
    found = selectors.cards_beside(owner, selectors.situation_of_opportunity(sale), today=today)
    assert [(each.card.name, each.points) for each in found] == [
        ("Rival", 8), ("Stage", 4), ("Purchase", 2), ("Product", 1), ("Everybody", 0),
        ("Other rival", -1), ("First purchase", -1), ("Later stage", -1),
    ]  # fmt: skip
    assert [each.is_for_elsewhere for each in found] == [False] * 5 + [True] * 3


def test_a_lines_card_serves_all_its_products(owner, product, line, make_card, today):
    make_card("Line", line_ids=[line.pk])
    make_card("Other line", line_ids=[ProductLine.objects.create(name="Valves").pk])
    found = selectors.cards_beside(owner, selectors.situation_of_product(product), today=today)
    assert [(each.card.name, each.fits_product) for each in found] == [("Line", True)]


def test_a_sale_without_products_shows_those_of_its_process(owner, line, make_card, at, today):
    make_card("Line", line_ids=[line.pk])
    make_card("Everybody")
    sale = opportunities.create_opportunity(owner, draft=OpportunityDraft(subject="Something"), at=at)
    assert names(selectors.cards_beside(owner, selectors.situation_of_opportunity(sale), today=today)) == ["Everybody"]
    sale.process.product_line = line
    situation = selectors.situation_of_opportunity(sale)
    assert names(selectors.cards_beside(owner, situation, today=today)) == ["Line", "Everybody"]


def test_a_merged_stage_hands_its_cards_on(owner, stages, make_card, today):
    make_card("Stage", stage_ids=[stages[1].pk])
    Stage.objects.filter(pk=stages[1].pk).update(merged_into=stages[0])
    [found] = selectors.cards_beside(owner, Situation(stage_id=stages[0].pk), today=today)
    assert found.fits_stage and not found.is_for_elsewhere


def test_a_customer_shows_what_it_buys_as_far_as_one_sees_its_sales(owner, stranger, sale, product, make_card, today):
    make_card("Product", product_ids=[product.pk])
    make_card("Everybody")
    seen = selectors.situation_of_customer(owner, sale.customer_id)
    assert names(selectors.cards_beside(owner, seen, today=today)) == ["Product", "Everybody"]
    foreign = selectors.situation_of_customer(stranger, sale.customer_id)
    assert names(selectors.cards_beside(stranger, foreign, today=today)) == ["Everybody"]


def test_words_narrow_the_cards(owner, make_card, today):
    make_card("Seals")
    make_card("Price", title_zh="价格太高", body_zh="先问比较的是什么。")
    assert names(selectors.cards_beside(owner, Situation(), today=today, query="价格")) == ["Price"]


def test_cards_about_a_rival_who_gave_up_are_left_out(owner, rival, make_card, today):
    make_card("Rival", kind="competitor", competitor_id=rival.pk)
    Competitor.objects.update(is_active=False)
    assert selectors.cards_beside(owner, Situation(), today=today) == []


def test_a_stale_card_is_shown_and_marked(owner, make_card, today):
    make_card("Seals", until=today + dt.timedelta(days=1))
    [found] = selectors.cards_beside(owner, Situation(), today=today + dt.timedelta(days=2))
    assert found.is_stale


def test_the_number_of_statements_does_not_grow_with_the_cards(
    owner, product, line, rival, stages, make_card, today, django_assert_num_queries
):
    for number in range(12):
        make_card(f"Card {number}", product_ids=[product.pk], line_ids=[line.pk], stage_ids=[stages[0].pk])
    owner.reach("playbook.card")
    with django_assert_num_queries(4):
        assert len(selectors.cards_beside(owner, selectors.situation_of_product(product), today=today)) == 12
