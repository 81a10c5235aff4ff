"""What the database itself refuses, whoever asks: raw SQL and the ORM, past every service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from loudou.contracts.models import (
    Contract,
    ContractAct,
    ContractClause,
    ContractLine,
    ContractVersion,
    Delivery,
    DeliveryLine,
    DiscountRequest,
    LineTerms,
)
from loudou.contracts.services import amendments, approvals, deliveries
from loudou.contracts.services.drafts import AcceptanceDraft, DeliveryDraft, DeliveryLineDraft, LineDraft
from loudou.customers.services import place_hold
from loudou.people.models import AuditEntry


def run(sql: str, *parameters) -> int:
    """Run a statement and check all that is deferred, in a savepoint that a refusal takes back."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        changed = cursor.rowcount
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        return changed


@contextmanager
def refused_by(guard: str) -> Iterator[None]:
    """Expect that a constraint or trigger refuses what is done inside, which is taken back."""
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        yield
    told = refused.value.__cause__
    assert guard in (told.diag.constraint_name or str(told))


@pytest.fixture
def delivered(signed, finance, at, on, lines_of):
    """A signed contract of which six presses were delivered and accepted."""
    contract = signed()
    draft = DeliveryDraft(on(-2).on, [DeliveryLineDraft(lines_of(contract)[0].pk, Decimal(6))])
    delivery = deliveries.post_delivery(finance, contract.pk, draft=draft, at=at)
    deliveries.record_acceptance(finance, delivery.pk, draft=AcceptanceDraft(on(-1).on), at=at)
    return Contract.objects.get(pk=contract.pk)


ATTACKS = {
    "state jumps back": ("UPDATE contracts_contract SET state = 'draft'", "contract_state_follows"),
    "state skips": ("UPDATE contracts_contract SET state = 'offered'", "contract_state_follows"),
    "another number": ("UPDATE contracts_contract SET number = 'X'", "contract_number_stays"),
    "another currency": ("UPDATE contracts_contract SET currency = 'USD'", "contract_signed_is_frozen"),
    "another signing day": ("UPDATE contracts_contract SET signed_on = '2020-01-01'", "contract_signed_is_frozen"),
    "another worth": ("UPDATE contracts_contract SET amount_base = 1", "contract_signed_is_frozen"),
    "another amount": (
        "UPDATE contracts_contract SET net_amount = 1, tax_amount = 0, amount = 1", "contract_follows_version",
    ),
    "amounts that do not add up": ("UPDATE contracts_contract SET amount = 1", "contract_amounts_add_up"),
    "no version in force": ("UPDATE contracts_contract SET version_in_force_id = NULL", "contract_binding_is_signed"),
    "ended without a day": ("UPDATE contracts_contract SET state = 'completed'", "contract_ended_has_day"),
    "contract deleted": ("DELETE FROM contracts_contract", "contract_kept"),
    "version superseded alone": (
        "UPDATE contracts_contractversion SET state = 'superseded'", "contract_follows_version",
    ),
    "version in draft again": (
        "UPDATE contracts_contractversion SET state = 'draft'", "contract_version_state_follows",
    ),
    "version edited": (
        "UPDATE contracts_contractversion SET warranty_months = 99", "contract_version_frozen",
    ),
    "version renamed its parties": (
        """UPDATE contracts_contractversion SET parties = '{"seller": {}}'""", "contract_version_frozen",
    ),
    "version deleted": ("DELETE FROM contracts_contractversion", "contract_version_kept"),
    "line terms edited": ("UPDATE contracts_lineterms SET quantity = 99", "contract_version_frozen"),
    "line terms deleted": ("DELETE FROM contracts_lineterms", "contract_version_frozen"),
    "line terms added": (
        """INSERT INTO contracts_lineterms (version_id, line_id, position, description, specification, unit, quantity,
               unit_price, discount_rate, tax_rate, net_amount, tax_amount, amount)
           SELECT version_id, line_id, 9, 'More', '', '', 1, 1, 0, 0, 1, 0, 1 FROM contracts_lineterms LIMIT 1""",
        "contract_version_frozen",
    ),
    "clause edited": ("UPDATE contracts_contractclause SET body = 'Free of charge.'", "contract_version_frozen"),
    "clause deleted": ("DELETE FROM contracts_contractclause", "contract_version_frozen"),
    "ordered typed": ("UPDATE contracts_contractline SET ordered = 99", "contract_line_figures"),
    "delivered typed": ("UPDATE contracts_contractline SET delivered = 0", "contract_line_figures"),
    "delivered amount typed": ("UPDATE contracts_contractline SET delivered_amount = 0", "contract_line_figures"),
    "line with figures inserted": (
        "INSERT INTO contracts_contractline (contract_id, number, ordered, delivered, ordered_amount, delivered_amount,"
        " invoiced_amount) SELECT id, 9, 5, 0, 5, 0, 0 FROM contracts_contract",
        "contract_line_figures",
    ),
    "act edited": ("UPDATE contracts_contractact SET person = 'Nobody'", "is append-only"),
    "act deleted": ("DELETE FROM contracts_contractact", "is append-only"),
    "delivery edited": ('UPDATE contracts_delivery SET "on" = \'2020-01-01\'', "is append-only"),
    "delivery deleted": ("DELETE FROM contracts_deliveryline", "is append-only"),
    "delivery line edited": ("UPDATE contracts_deliveryline SET quantity = 1", "is append-only"),
    "acceptance edited": ("UPDATE contracts_deliveryacceptance SET outcome = 'rejected'", "is append-only"),
    "acceptance deleted": ("DELETE FROM contracts_deliveryacceptance", "is append-only"),
    "more delivered than ordered": (
        "INSERT INTO contracts_deliveryline (delivery_id, line_id, quantity, amount)"
        " SELECT d.id, l.id, 2, 2 FROM contracts_delivery d, contracts_contractline l WHERE l.number = 2",
        "delivered_within_ordered",
    ),
    "delivered for more than ordered": (
        "INSERT INTO contracts_deliveryline (delivery_id, line_id, quantity, amount)"
        " SELECT d.id, l.id, 1, 501 FROM contracts_delivery d, contracts_contractline l WHERE l.number = 2",
        "delivered_within_ordered",
    ),
    "a return without its line": (
        "INSERT INTO contracts_deliveryline (delivery_id, line_id, quantity, amount)"
        " SELECT delivery_id, line_id, -1, -100 FROM contracts_deliveryline",
        "delivery_line_sign",
    ),
    "a return inside a delivery": (
        "INSERT INTO contracts_deliveryline (delivery_id, line_id, returns_id, quantity, amount)"
        " SELECT d.delivery_id, l.id, d.id, -1, 0 FROM contracts_deliveryline d, contracts_contractline l"
        " WHERE l.number = 2",
        "delivered_within_ordered",
    ),
    "line twice in a delivery": (
        "INSERT INTO contracts_deliveryline (delivery_id, line_id, quantity, amount)"
        " SELECT delivery_id, line_id, 1, 1 FROM contracts_deliveryline",
        "delivery_line_once",
    ),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_raw_sql_is_bound_as_the_services_are(attack, delivered):
    statement, refusal = ATTACKS[attack]
    with refused_by(refusal):
        run(statement)


def test_nothing_is_delivered_past_a_hold_or_before_the_signature(delivered, offered, finance, customer, at, on):
    waiting = offered()
    insert = (
        'WITH posted AS (INSERT INTO contracts_delivery (contract_id, number, kind, "on", place, carrier, reason,'
        " note, amount, key, posted_at) VALUES (%s, 'RAW-1', 'delivery', now(), '', '', '', '', 0, '', now())"
        " RETURNING id) INSERT INTO contracts_deliveryline (delivery_id, line_id, quantity, amount)"
        " SELECT posted.id, l.id, 1, 0 FROM posted, contracts_contractline l WHERE l.contract_id = %s AND l.number = 2"
    )
    with refused_by("delivery_needs_running_contract"):
        run(insert, waiting.pk, waiting.pk)
    run("SELECT 1")  # what is deferred until the end of a transaction is checked before the hold
    place_hold(finance, customer.pk, reason="No money.", at=at)
    with refused_by("delivery_needs_supply"):
        run(insert, delivered.pk, delivered.pk)
    assert Delivery.objects.count() == 1


def test_a_delivery_has_lines_of_its_own_contract_only(delivered, signed, on, lines_of):
    other = signed()
    delivery = Delivery.objects.get()
    with refused_by("delivery_line_of_contract"):
        DeliveryLine.objects.create(delivery=delivery, line=lines_of(other)[0], quantity=1, amount=1)


def test_no_more_comes_back_than_the_delivery_brought(delivered, finance, at, on, lines_of):
    line = lines_of(delivered)[0]
    deliveries.post_delivery(
        finance, delivered.pk, draft=DeliveryDraft(on().on, [DeliveryLineDraft(line.pk, Decimal(4))]), at=at
    )
    first = DeliveryLine.objects.order_by("pk")[0]
    with transaction.atomic():
        back = Delivery.objects.create(
            contract=delivered, number="R-1", kind="return", returns=first.delivery, on=on().on, amount=0, posted_at=at
        )
    with refused_by("returned_within_delivered"):
        DeliveryLine.objects.create(delivery=back, line=line, returns=first, quantity=-7, amount=-700)
    assert lines_of(delivered)[0].delivered == 10


def test_a_version_is_not_offered_with_an_amount_of_its_own(drafted):
    contract = drafted()
    ContractVersion.objects.filter(contract=contract).update(net_amount=1, tax_amount=0, amount=1)
    with refused_by("contract_version_sums"):
        ContractVersion.objects.filter(contract=contract).update(state="offered")


def test_an_amendment_that_undercuts_is_refused_by_the_database_as_well(delivered, owner, at):
    draft = amendments.draft_amendment(owner, delivered.pk, reason="Fewer", at=at)
    press, rest = LineTerms.objects.filter(version=draft).order_by("position")
    version = ContractVersion.objects.filter(pk=draft.pk)
    with refused_by("delivered_within_ordered"):
        press.delete()
        version.update(net_amount=rest.net_amount, tax_amount=rest.tax_amount, amount=rest.amount)
        version.update(state="offered")
        ContractVersion.objects.filter(contract=delivered, sequence=1).update(state="superseded")
        version.update(state="in_force", in_force_on="2026-06-15")
        Contract.objects.filter(pk=delivered.pk).update(version_in_force=draft)


def test_requests_and_decisions_are_append_only(drafted, customer, product, owner, executive, at):
    customer.max_discount_rate = Decimal(0)
    customer.save()
    contract = drafted(lines=[LineDraft(Decimal(1), Decimal(50), product_id=product.pk)])
    request = approvals.request_discount(owner, contract.pk, reason="Please", at=at)
    approvals.approve_discount(executive, request.pk, at=at)
    for statement in (
        "UPDATE contracts_discountrequest SET discount = 1",
        "DELETE FROM contracts_discountdecision",
        "UPDATE contracts_discountdecision SET outcome = 'refused'",
    ):
        with refused_by("is append-only"):
            run(statement)
    assert DiscountRequest.objects.get().discount == Decimal("0.5")


def test_every_table_leaves_its_trace_in_the_audit(delivered):
    tables = set(AuditEntry.objects.values_list("table_name", flat=True))
    models = (Contract, ContractVersion, ContractLine, LineTerms, ContractClause, ContractAct, Delivery, DeliveryLine)
    assert {model._meta.db_table for model in models} <= tables
    figures = AuditEntry.objects.filter(table_name="contracts_contractline", operation="update").latest("id")
    assert (figures.before["delivered"], figures.after["delivered"]) == (0.0, 6.0)
