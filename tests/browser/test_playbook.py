"""A rep in the middle of a sale looks up an answer to an objection, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from tests.browser.test_pipeline import stages

from loudou.core import clock
from loudou.customers.models import Customer
from loudou.pipeline.services.drafts import OpportunityDraft
from loudou.pipeline.services.opportunities import create_opportunity
from loudou.playbook.models import CardUse, CardVote
from loudou.playbook.services import cards
from loudou.playbook.services.cards import CardDraft

__all__ = ["stages"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_rep_finds_the_answer_to_an_objection_and_says_that_it_helped(
    page_as: Any, owner: Any, operations: Any, stages: Any
) -> None:
    customer = Customer.objects.create(name="Hengda Steel", owner=owner)
    draft = OpportunityDraft(subject="Two presses", customer_id=customer.pk)
    sale = create_opportunity(owner, draft=draft, at=clock.now())
    for kind, title, body in (
        ("objection", "Your price is too high", "Ask **compared with what**."),
        ("fact", "Seals", "They last 8,000 hours."),
    ):
        card = cards.create_card(operations, draft=CardDraft(kind=kind, title=title, body=body))
        cards.publish_card(operations, card.pk, today=clock.today())

    page = page_as(owner)
    page.goto(reverse("pipeline:opportunity", args=[sale.pk]))
    # The keys listen once the part that loads last is there.
    expect(page.locator("main section.plays")).to_contain_text("Your price is too high")
    page.keyboard.press("b")
    dialog = page.locator("#dialog-host")
    expect(dialog.locator("details.play")).to_have_count(2)
    dialog.get_by_role("searchbox").fill("price")
    expect(dialog.locator("details.play")).to_have_count(1)
    dialog.get_by_text("Your price is too high").click()
    expect(dialog.get_by_text("compared with what")).to_be_visible()
    dialog.get_by_role("link", name="Open the card").click()
    page.wait_for_url("**/playbook/*/")
    helped = page.locator(".card-vote").get_by_role("button", name="Yes")
    helped.click()
    expect(helped).to_have_attribute("aria-pressed", "true")
    assert [vote.is_useful for vote in CardVote.objects.filter(user=owner, card__kind="objection")] == [True]
    assert CardUse.objects.filter(user=owner).count() == 1
