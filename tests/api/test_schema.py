"""The API does what its description says, whatever is thrown at it: generated requests against every operation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from pydantic import BaseModel
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from loudou.api.v1 import routes
from loudou.core.models import ExchangeRate
from loudou.customers.models import Contact, Post
from loudou.people.models import SavedView
from loudou.pipeline.services import opportunities
from loudou.pipeline.services.drafts import OpportunityDraft

described = schemathesis.openapi.from_dict(routes.schema())
described.app = get_wsgi_application()


@pytest.fixture
def known(administrator, process, stages, reason, rival, product, customer, home_team, at) -> dict[str, int]:
    """Ids of one record of each kind, so that requests reach beyond 'not found'."""
    contact = Contact.objects.create(name="Li Na", owner=administrator)
    day = dt.date(2026, 1, 1)
    deal = opportunities.create_opportunity(
        administrator, draft=OpportunityDraft("Press", customer_id=customer.pk, amount=5), at=at
    )
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
        "view_id": SavedView.objects.create(owner=administrator, page="x", name="y").pk,
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
