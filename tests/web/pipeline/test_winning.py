"""Winning from the screen: what was agreed and when; the contract's number may come later."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from loudou.catalog.models import Product
from loudou.core import clock
from loudou.customers.models import Customer
from loudou.people.models import User
from loudou.pipeline.models import Opportunity
from loudou.pipeline.services import opportunities
from loudou.pipeline.services.drafts import LineDraft

ClientOf = Any
Make = Callable[..., Opportunity]


def win(client: ClientOf, user: User, row: Opportunity, **fields: str) -> Any:
    day = clock.today().isoformat()
    return client.as_(user).post(f"/pipeline/{row.pk}/win/", {"closed_on": day, **fields})


def test_a_sale_is_won_before_its_contract_has_a_number(
    client: ClientOf, owner: User, make: Make, customer: Customer
) -> None:
    row = make(customer_id=customer.pk, amount=Decimal(100_000))
    answer = win(client, owner, row, amount="87500.5")
    assert answer.headers["Location"] == f"/pipeline/{row.pk}/"
    row.refresh_from_db()
    assert (row.state, row.amount, row.contract_reference) == ("won", Decimal("87500.50"), "")


def test_the_contract_can_be_drafted_next(client: ClientOf, owner: User, make: Make, customer: Customer) -> None:
    row = make(customer_id=customer.pk, amount=Decimal(100_000))
    assert 'name="draft_next"' in client.as_(owner).get(f"/pipeline/{row.pk}/win/").content.decode()
    answer = win(client, owner, row, amount="100000", draft_next="on")
    assert answer.headers["Location"] == f"/opportunities/{row.pk}/contract/"
    row.refresh_from_db()
    assert row.state == "won"


def test_without_a_customer_there_is_no_contract_to_draft(client: ClientOf, owner: User, make: Make) -> None:
    row = make(customer_id=None)
    assert 'name="draft_next"' not in client.as_(owner).get(f"/pipeline/{row.pk}/win/").content.decode()


def test_the_sum_of_products_stands_in_the_form_and_cannot_be_typed_over(
    client: ClientOf, owner: User, make: Make, product: Product
) -> None:
    row = make()
    lines = [LineDraft(product.pk, Decimal(2), Decimal(100))]
    opportunities.set_lines(owner, row.pk, lines=lines, at=clock.now())
    form = client.as_(owner).get(f"/pipeline/{row.pk}/win/").content.decode()
    assert "The sum of the products." in form and 'value="200"' in form
    win(client, owner, row, amount="150")
    row.refresh_from_db()
    assert (row.state, row.amount) == ("won", Decimal(200))
