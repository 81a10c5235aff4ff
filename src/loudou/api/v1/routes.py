"""The API as a whole: its resources, its description, its addresses."""

from __future__ import annotations

import functools
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Router

import loudou
from loudou.api import problems
from loudou.api.errors import UnknownAddress
from loudou.api.operations import REFUSED, operation
from loudou.api.parsing import StrictParser
from loudou.api.v1 import (
    bank,
    catalog,
    contacts,
    contract_acts,
    contract_setup,
    contracts,
    customer_phases,
    customers,
    deliveries,
    exchange,
    handovers,
    invoices,
    opportunities,
    people,
    plans,
    playbook_cards,
    privacy,
    reading,
    receipts,
    reconciliation,
    sales_setup,
    segments,
    settings,
    supply,
)

api = NinjaAPI(
    title="Loudou",
    version=loudou.__version__,
    description="Everything that the pages do, for programs. Amounts are exact decimals sent as text.",
    docs_url=None,
    openapi_url=None,
    parser=StrictParser(),
    urls_namespace="api-v1",
)
problems.install(api)
description = Router(tags=["About"])


@operation(description, "GET", "/openapi.json", permission="home.view", answers=dict)
def openapi(request: HttpRequest) -> Any:
    """Describe this API as OpenAPI 3.1."""
    return schema()


@functools.cache
def schema() -> dict[str, Any]:
    """Return the OpenAPI description, with errors under their own content type."""
    document = dict(api.get_openapi_schema(path_prefix="/api/v1"))
    for item in document["paths"].values():
        for each in item.values():
            for status, response in each["responses"].items():
                if int(status) in REFUSED:
                    response["content"] = {problems.CONTENT_TYPE: response["content"]["application/json"]}
    return document


@csrf_exempt
def unknown(request: HttpRequest) -> HttpResponse:
    """Answer an address that does not exist as a problem."""
    return problems.answer(request, UnknownAddress())


for router in (
    opportunities.router,
    sales_setup.router,
    customers.router,
    customer_phases.router,
    supply.router,
    segments.router,
    contacts.router,
    privacy.router,
    contracts.router,
    contract_acts.router,
    deliveries.files,
    deliveries.router,
    plans.router,
    reading.router,
    receipts.router,
    invoices.router,
    bank.router,
    reconciliation.router,
    contract_setup.router,
    catalog.router,
    playbook_cards.router,
    people.router,
    handovers.router,
    settings.router,
    settings.views,
    exchange.router,
    description,
):
    api.add_router("", router)
