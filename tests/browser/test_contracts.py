"""Contracts and money in a real browser: finance posts a receipt and sees what it pays."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from tests.contracts.conftest import at, customer, drafted, offered, product, signed, two_lines

from loudou.contracts.models import Receipt

__all__ = ["at", "customer", "drafted", "offered", "product", "signed", "two_lines"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("language", "open_form", "post", "allocated"),
    [("en", "Receipt…", "Post", "Oldest due first"), ("zh-hans", "回款…", "过账", "先到期先核销")],
    ids=["en", "zh"],
)
def test_finance_posts_a_receipt_and_sees_what_it_pays(page_as, finance, signed, language, open_form, post, allocated):
    contract = signed()
    page = page_as(finance, language=language)
    page.goto(reverse("contracts:contract", args=[contract.pk]))
    page.locator(".page-head-actions").get_by_role("link", name=open_form).click()
    dialog = page.locator("#dialog-host")
    dialog.locator("[name=amount]").fill("500")
    dialog.get_by_role("button", name=post, exact=True).click()
    expect(dialog).not_to_be_visible()
    receipt = Receipt.objects.get()
    assert (receipt.amount, receipt.allocated, receipt.available) == (Decimal(500), Decimal(500), Decimal(0))
    page.get_by_role("link", name=receipt.number).click()
    expect(page.locator("#panel")).to_contain_text(allocated)
    expect(page.locator("#panel")).to_contain_text(contract.title)
