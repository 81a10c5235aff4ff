"""What `loudou check` proves about contracts: nothing to find after a whole life, and each lie is found."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection

from loudou.contracts.services import amendments, deliveries, editing
from loudou.contracts.services.drafts import AcceptanceDraft, DeliveryDraft, DeliveryLineDraft, ReturnDraft


@pytest.fixture
def lived(signed, drafted, owner, finance, as_drafts, lines_of, at, on):
    """A contract that was amended, delivered, returned and accepted, and a draft beside it."""
    drafted(title="Beside")
    contract = signed()
    draft = DeliveryDraft(on(-5).on, [DeliveryLineDraft(lines_of(contract)[0].pk, Decimal(6))])
    delivery = deliveries.post_delivery(finance, contract.pk, draft=draft, at=at)
    two = [DeliveryLineDraft(draft.lines[0].line_id, Decimal(2))]
    deliveries.return_delivery(finance, delivery.pk, draft=ReturnDraft(on(-4).on, "Faulty", two), at=at)
    deliveries.record_acceptance(finance, delivery.pk, draft=AcceptanceDraft(on(-3).on), at=at)
    amendments.draft_amendment(owner, contract.pk, reason="Cheaper", at=at)
    editing.set_lines(owner, contract.pk, lines=as_drafts(contract, unit_price=Decimal(110)))
    amendments.offer_amendment(owner, contract.pk, act=on(-2), at=at)
    amendments.accept_amendment(finance, contract.pk, act=on(-1), at=at)
    return contract


def test_a_whole_life_leaves_nothing_to_find(lived, findings):
    assert findings() == []


@pytest.mark.parametrize(
    ("lie", "found"),
    [
        ("UPDATE contracts_contract SET net_amount = 1, tax_amount = 0, amount = 1", "contracts.versions"),
        ("UPDATE contracts_lineterms SET net_amount = net_amount + 1, amount = amount + 1", "contracts.version_sums"),
        ("UPDATE contracts_contractline SET delivered = 0", "contracts.lines"),
        ("UPDATE contracts_contractline SET ordered = ordered + 1", "contracts.lines"),
        ("UPDATE contracts_delivery SET amount = 0", "contracts.deliveries"),
        ("DELETE FROM contracts_contractact WHERE kind = 'signed'", "contracts.signatures"),
        ("UPDATE contracts_numbercounter SET lane = 40 WHERE lane = 0", "contracts.counters"),
    ],
)
def test_each_lie_is_found(lie, found, lived, findings):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        table = lie.split()[2 if lie.startswith("DELETE") else 1]
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")  # as somebody with the keys would
        cursor.execute(lie)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    assert found in {finding.split(":")[0] for finding in findings()}
