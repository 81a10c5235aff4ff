"""The API does what its description says, whatever is thrown at it: generated requests against every operation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import schemathesis
from django.core.files.base import ContentFile
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection
from hypothesis import HealthCheck, Phase, settings
from pydantic import BaseModel
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from loudou.api.v1 import routes
from loudou.contracts.models import Allocation, ContractFile, DiscountRequest, PlanTemplate
from loudou.contracts.services import deliveries, drafting, invoices, receipts, refunds
from loudou.contracts.services.drafts import ActDraft, ContractDraft, DeliveryDraft, LineDraft, SignedPast
from loudou.contracts.services.ledger_drafts import InvoiceDraft, ReceiptDraft, RefundDraft
from loudou.core.models import ExchangeRate
from loudou.customers.models import Contact, Post, Segment, SupplyRelease
from loudou.people.models import SavedView
from loudou.pipeline.services import opportunities
from loudou.pipeline.services.drafts import OpportunityDraft
from loudou.playbook.services import cards, feedback
from loudou.playbook.services.cards import CardDraft


def read_and_closed(app: Any) -> Any:
    """A server that reads what it sends and closes it, as every server does and the client of these tests does not."""

    def call(environ: Any, start_response: Any) -> list[bytes]:
        sent = app(environ, start_response)
        try:
            return [b"".join(sent)]
        finally:
            sent.close()

    return call


described = schemathesis.openapi.from_dict(routes.schema())
described.app = read_and_closed(get_wsgi_application())


@pytest.fixture
def booked(administrator, owner, customer, at, settings, tmp_path) -> dict[str, int]:
    """Ids of a signed contract and of what was posted about it, and of what decides about its customer."""
    settings.MEDIA_ROOT = tmp_path
    line = LineDraft(Decimal(2), Decimal(100), description="Pump", discount_rate=Decimal("0.5"))
    drafts = [
        ContractDraft(title="Pumps", customer_id=customer.pk, lines=[line], past=past)
        for past in (None, SignedPast(signed=ActDraft(at.date())))
    ]
    draft, signed = (drafting.draft_contract(administrator, draft=each, at=at) for each in drafts)
    file = ContractFile(contract=signed, name="scan.pdf", size=5, uploaded_by=owner)
    file.content.save("scan.pdf", ContentFile(b"%PDF-"))
    asked = DiscountRequest.objects.create(
        contract=draft, version=draft.versions.get(), discount="0.5", policy="0.2", reason="Volume", requested_at=at
    )
    delivery = deliveries.post_delivery(administrator, signed.pk, draft=DeliveryDraft(on=at.date()), at=at)
    receipt = receipts.post_receipt(
        administrator, ReceiptDraft(customer.pk, Decimal(150), at.date(), contract_id=signed.pk), at=at
    )
    with connection.cursor() as cursor:  # as if committed: a hold that is placed later does not concern it
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    entry = Allocation.objects.filter(receipt=receipt).earliest("pk")
    refund = refunds.refund_receipt(administrator, RefundDraft(receipt.pk, Decimal(1), at.date(), "Too much"), at=at)
    return {
        "contract_id": signed.pk,
        "sequence": 1,
        "file_id": file.pk,
        "request_id": asked.pk,
        "delivery_id": delivery.pk,
        "receipt_id": receipt.pk,
        "allocation_id": entry.pk,
        "instalment_id": entry.instalment_id,
        "refund_id": refund.pk,
        "invoice_id": invoices.issue_invoice(administrator, InvoiceDraft(signed.pk, at.date()), at=at).pk,
        "template_id": PlanTemplate.objects.earliest("pk").pk,
        "segment_id": Segment.objects.create(name="Dealers", rule={"kind": ["dealer"]}).pk,
        "release_id": SupplyRelease.objects.create(
            customer=customer, reason="Friday", until_on=at.date(), requested_at=at
        ).pk,
    }


@pytest.fixture
def known(administrator, process, stages, reason, rival, product, customer, home_team, at, booked) -> dict[str, int]:
    """Ids of one record of each kind, so that requests reach beyond 'not found'."""
    contact = Contact.objects.create(name="Li Na", owner=administrator)
    day = dt.date(2026, 1, 1)
    deal = opportunities.create_opportunity(
        administrator, draft=OpportunityDraft("Press", customer_id=customer.pk, amount=5), at=at
    )
    card = cards.create_card(administrator, draft=CardDraft(kind="fact", title="Seals", body="They last."))
    cards.publish_card(administrator, card.pk, today=at.date())
    return {
        "opportunity_id": deal.pk,
        "criterion_id": stages[0].criteria.all()[0].pk,
        "process_id": process.pk,
        "stage_id": stages[0].pk,
        "competitor_id": rival.pk,
        "loss_reason_id": reason.pk,
        "customer_id": customer.pk,
        "user_id": administrator.pk,
        "contact_id": contact.pk,
        "post_id": Post.objects.create(contact=contact, customer=customer).pk,
        "product_id": product.pk,
        "team_id": home_team.pk,
        "membership_id": home_team.memberships.all()[0].pk,
        "rate_id": ExchangeRate.objects.create(currency="USD", on=day, rate=7).pk,
        "card_id": card.pk,
        "suggestion_id": feedback.suggest_correction(administrator, card.pk, text="Longer", at=at).pk,
        "view_id": SavedView.objects.create(owner=administrator, page="x", name="y").pk,
        **booked,
    }


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the server from closing the connection that holds the test's transaction, as Django's test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_no_two_shapes_share_a_name() -> None:
    shapes: dict[str, set[type]] = {}
    waiting = list(BaseModel.__subclasses__())
    while waiting:
        shape = waiting.pop()
        waiting += shape.__subclasses__()
        if shape.__module__.startswith("loudou.api"):
            shapes.setdefault(shape.__name__, set()).add(shape)
    assert [name for name, found in shapes.items() if len(found) > 1] == []


@pytest.mark.slow
@described.parametrize()
@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_keeps_to_its_description(
    case: Any, with_token, administrator, known, one_connection, caplog
) -> None:
    caplog.set_level("CRITICAL")
    for name, value in known.items():
        drawn = (case.path_parameters or {}).get(name)
        if isinstance(drawn, int) and drawn % 4:
            case.path_parameters[name] = value
    program = with_token(administrator)
    response = case.call(headers={"Authorization": program.defaults["HTTP_AUTHORIZATION"]})
    case.validate_response(
        response,
        checks=[not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance],
    )
