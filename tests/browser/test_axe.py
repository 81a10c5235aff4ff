"""Every page that has no test of its own for it: nothing serious for axe, nothing wider than the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page
from tests.contracts.conftest import at, customer, drafted, offered, product, signed, two_lines

from loudou.contracts.models import Contract
from loudou.people.models import User

__all__ = ["at", "customer", "drafted", "offered", "product", "signed", "two_lines"]
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


def walk(page: Page, axe: Callable[[Page], None], addresses: Iterator[Address]) -> None:
    for name, *args in addresses:
        page.goto(reverse(name, args=args))
        if page.locator("[hx-trigger*=load]").count():
            page.wait_for_load_state("networkidle")
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


@pytest.mark.parametrize(("language", "theme", "width"), WIDE_AND_LIGHT)
def test_contracts_and_money(page_as, axe, finance, signed, language, theme, width):
    contract = signed()
    walk(page_as(finance, language=language, theme=theme, width=width), axe, of_money(contract))


@pytest.mark.parametrize(("language", "theme", "width"), WIDE_AND_DARK)
def test_settings_people_and_imports(page_as, axe, administrator, owner, language, theme, width):
    walk(page_as(administrator, language=language, theme=theme, width=width), axe, of_settings(owner))
