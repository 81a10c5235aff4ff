"""Deliveries, returns and acceptances; documents kept with a contract."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import FileResponse
from ninja import File, Form, Query, Router, UploadedFile

from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_ID, page
from loudou.api.schemas import Given
from loudou.api.v1 import contract_bodies as bodies
from loudou.api.v1 import contract_shapes as shapes
from loudou.contracts.choices import FileKind
from loudou.contracts.models import Delivery
from loudou.contracts.selectors import contracts as selectors
from loudou.contracts.selectors.deliveries import acceptances_of, delivery_rows, get_delivery
from loudou.contracts.services import attachments, deliveries
from loudou.core import clock

router = Router(tags=["Deliveries"])
files = Router(tags=["Contracts"])


class FileKindIn(Given):
    """What the document is."""

    kind: FileKind = FileKind.OTHER


def _shown(row: Delivery) -> dict[str, Any]:
    names = set(shapes.DeliveryOut.model_fields) - {"customer", "currency"}
    facts = {name: getattr(row, name) for name in names}
    return facts | {"customer": row.contract.customer, "currency": row.contract.currency}


def _detail(request: Caller, delivery_id: int) -> shapes.DeliveryDetail:
    row = get_delivery(request.user, delivery_id)
    more = {"lines": list(row.lines.all()), "acceptances": list(acceptances_of(request.user, row))}
    return shapes.DeliveryDetail.model_validate(_shown(row) | more, from_attributes=True)


@operation(router, "GET", "/deliveries", permission="contracts.view", answers=shapes.DeliveryPage)
def list_deliveries(request: Caller, query: Query[bodies.DeliveryQuery]) -> Any:
    """List deliveries and returns of contracts you may see."""
    wanted = {
        "contract": query.contract,
        "contract__customer": query.customer,
        "on__gte": query.on_from,
        "on__lte": query.on_until,
    }
    rows = delivery_rows(request.user).filter(**{name: value for name, value in wanted.items() if value})
    items, following = page(rows, query=query, sorts=BY_ID, sort=query.sort)
    return shapes.DeliveryPage.model_validate(
        {"items": [_shown(row) for row in items], "next": following}, from_attributes=True
    )


@operation(router, "GET", "/deliveries/{int:delivery_id}", permission="contracts.view", answers=shapes.DeliveryDetail)
def show_delivery(request: Caller, delivery_id: int) -> Any:
    """Show a delivery with its lines and what the customer said of it."""
    return _detail(request, delivery_id)


@operation(
    router,
    "POST",
    "/contracts/{int:contract_id}/deliveries",
    permission="contracts.deliver",
    answers=shapes.DeliveryDetail,
    status=201,
)
def post_delivery(request: Caller, contract_id: int, body: bodies.DeliveryIn) -> Any:
    """Post what goes to the customer. Refused on supply hold or beyond the credit limit unless a release covers it."""
    made = deliveries.post_delivery(request.user, contract_id, draft=body.draft(), at=clock.now())
    return _detail(request, made.pk)


@operation(
    router,
    "POST",
    "/deliveries/{int:delivery_id}/return",
    permission="contracts.deliver",
    answers=shapes.DeliveryDetail,
    status=201,
)
def return_delivery(request: Caller, delivery_id: int, body: bodies.ReturnIn) -> Any:
    """Post what comes back of a delivery, by an entry of its own."""
    made = deliveries.return_delivery(request.user, delivery_id, draft=body.draft(), at=clock.now())
    return _detail(request, made.pk)


@operation(
    router,
    "POST",
    "/deliveries/{int:delivery_id}/acceptances",
    permission="contracts.deliver",
    answers=shapes.DeliveryDetail,
    status=201,
)
def record_acceptance(request: Caller, delivery_id: int, body: bodies.AcceptanceIn) -> Any:
    """Record what the customer says of a delivery; the latest answer counts."""
    deliveries.record_acceptance(request.user, delivery_id, draft=body.draft(), at=clock.now())
    return _detail(request, delivery_id)


@operation(
    files,
    "GET",
    "/contracts/{int:contract_id}/files",
    permission="contracts.view",
    answers=shapes.ContractFileList,
)
def list_contract_files(request: Caller, contract_id: int) -> Any:
    """List the documents kept with a contract, the latest first."""
    contract = selectors.get_contract(request.user, contract_id)
    return {"items": list(selectors.files_of(request.user, contract))}


@operation(
    files,
    "POST",
    "/contracts/{int:contract_id}/files",
    permission="contracts.draft",
    answers=shapes.ContractFileOut,
    status=201,
)
def attach_contract_file(
    request: Caller,
    contract_id: int,
    body: Form[FileKindIn],
    file: UploadedFile = File(...),  # type: ignore[type-arg]  # noqa: B008
) -> Any:
    """Keep a document with a contract, such as the signed scan."""
    return attachments.attach_file(
        request.user,
        contract_id,
        kind=body.kind,
        name=file.name or "",
        content=file,
        limit_mb=settings.CUSTOMER_FILE_LIMIT_MB,
    )


@operation(files, "GET", "/contract-files/{int:file_id}", permission="contracts.view", media="application/octet-stream")
def download_contract_file(request: Caller, file_id: int) -> FileResponse:
    """Download a document of a contract."""
    row = selectors.get_file(request.user, file_id)
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"}
    return FileResponse(
        row.content.open("rb"),
        as_attachment=True,
        filename=row.name,
        content_type="application/octet-stream",
        headers=headers,
    )


@operation(files, "DELETE", "/contract-files/{int:file_id}", permission="contracts.draft", status=204)
def remove_contract_file(request: Caller, file_id: int) -> None:
    """Remove a document to which nothing refers."""
    attachments.remove_file(request.user, file_id)
