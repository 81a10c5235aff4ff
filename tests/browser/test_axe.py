"""Every page that has no test of its own for it: nothing serious for axe, nothing wider than the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from tests.browser.test_pipeline import stages
from tests.contracts.conftest import at, customer, drafted, offered, product, signed, two_lines

from loudou.contracts.models import Contract
from loudou.core import clock
from loudou.people.models import User
from loudou.pipeline.models import Opportunity
from loudou.pipeline.services.drafts import LineDraft, OpportunityDraft
from loudou.pipeline.services.opportunities import create_opportunity
from loudou.playbook.models import Card
from loudou.playbook.services import cards, feedback
from loudou.playbook.services.cards import CardDraft

__all__ = ["at", "customer", "drafted", "offered", "product", "signed", "stages", "two_lines"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Each page in both languages, both themes and both widths, if not in every combination: that would take minutes.
WIDE_AND_LIGHT, WIDE_AND_DARK = (
    [("en", "light", 1440), ("zh-hans", "dark", 390)],
    [("zh-hans", "dark", 1440), ("en", "light", 390)],
)
Address = tuple[Any, ...]


def of_money(contract: Contract) -> Iterator[Address]:
    """Contracts, their money, segments: what finance works with."""
    yield from (("contracts:list",), ("contracts:contract", contract.pk), ("contracts:version", contract.pk, 1))
    yield from (("contracts:approvals",), ("contracts:add",))
    yield ("ledger:contract_receipt", contract.pk)
    yield from (("ledger:receipt_list",), ("ledger:instalment_list",), ("ledger:invoice_list",))
    yield from (("ledger:bank",), ("ledger:statistics",), ("ledger:customer", contract.customer_id))
    yield ("customers:customer", contract.customer_id)


def of_settings(someone: User) -> Iterator[Address]:
    """Set-up, people and imports: what an administrator works with."""
    yield from (("people:user_list",), ("people:user", someone.pk), ("people:team_list",), ("people:roles",))
    yield from (("people:company",), ("people:rates",), ("people:audit",), ("people:profile",), ("people:security",))
    yield from (("people:tokens",), ("exchange:import_list",), ("exchange:import_add",), ("contracts:settings",))
    yield from (("handover:list",), ("handover:prepare", someone.pk))
    yield from (("pipeline:process_list",), ("pipeline:competitor_list",), ("pipeline:loss_reason_list",))
    yield from (("customers:segment_list",), ("customers:segment_add",), ("customers:product_list",), ("home:about",))


def of_the_playbook(card: Card, sale: Opportunity) -> Iterator[Address]:
    """Cards, their forms, the desk of whoever keeps them, and the cards beside what they are about."""
    yield from (("playbook:card_list",), ("playbook:desk",), ("playbook:card", card.pk), ("playbook:card_add",))
    yield from (("playbook:card_edit", card.pk), ("playbook:card_check", card.pk), ("playbook:suggest", card.pk))
    yield from (("playbook:of_opportunity", sale.pk), ("pipeline:opportunity", sale.pk), ("pipeline:log", sale.pk))
    yield from (("playbook:of_customer", sale.customer_id), ("customers:product", card.products.get().pk))


def walk(page: Page, axe: Callable[[Page], None], addresses: Iterator[Address]) -> None:
    for name, *args in addresses:
        page.goto(reverse(name, args=args))
        if page.locator("[hx-trigger*=load]").count():
            page.wait_for_load_state("networkidle")
            expect(page.locator("[hx-trigger*=load][aria-busy=true]")).to_have_count(0)  # what has come is not dimmed
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


@pytest.mark.parametrize(("language", "theme", "width"), WIDE_AND_LIGHT)
def test_contracts_and_money(page_as, axe, finance, signed, language, theme, width):
    contract = signed()
    walk(page_as(finance, language=language, theme=theme, width=width), axe, of_money(contract))


@pytest.mark.parametrize(("language", "theme", "width"), WIDE_AND_DARK)
def test_settings_people_and_imports(page_as, axe, administrator, owner, language, theme, width):
    walk(page_as(administrator, language=language, theme=theme, width=width), axe, of_settings(owner))


@pytest.mark.parametrize(("language", "theme", "width"), WIDE_AND_LIGHT)
def test_the_playbook(page_as, axe, operations, customer, product, stages, language, theme, width):
    now, lines = clock.now(), (LineDraft(product.pk, 1, 1),)
    draft = OpportunityDraft(subject="Pumps", customer_id=customer.pk, lines=lines)
    sale = create_opportunity(operations, draft=draft, at=now)
    card = cards.create_card(
        operations,
        draft=CardDraft(
            kind="objection",
            title="Too dear",
            body="Ask:\n\n- compared with **what**?\n\n> What does a day without it cost you?",
            title_zh="太贵",
            body_zh="请客户说明：\n\n- 和**谁**比？",
            product_ids=[product.pk],
            stage_ids=[stages[0].pk],
        ),
    )
    cards.publish_card(operations, card.pk, today=clock.today())
    feedback.suggest_correction(operations, card.pk, text="Name the figure of last year.", at=now)
    walk(page_as(operations, language=language, theme=theme, width=width), axe, of_the_playbook(card, sale))
