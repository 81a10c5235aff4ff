"""Contracts: lists, the contract with everything that it says, drafting and editing, its paper."""

from __future__ import annotations

from typing import Any, Literal, cast

from django.db import models
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from ninja import Query, Router
from pydantic import BaseModel

from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_CHANGE, BY_ID, page
from loudou.api.problems import CURRENT
from loudou.api.schemas import changes_of
from loudou.api.v1 import contract_bodies as bodies
from loudou.api.v1 import contract_shapes as shapes
from loudou.contracts.models import Contract, ContractVersion, Instalment
from loudou.contracts.selectors import contracts as selectors
from loudou.contracts.selectors.approvals import discount_state
from loudou.contracts.selectors.clauses import missing_clauses
from loudou.contracts.selectors.differences import VersionDifferences, version_differences
from loudou.contracts.services import clauses, drafting, editing
from loudou.contracts.services.documents import contract_pdf
from loudou.contracts.services.drafts import ContractChanges
from loudou.core import clock
from loudou.core.refusals import NotVisible, PermissionRefused
from loudou.core.searchtext import matches

router = Router(tags=["Contracts"])


class PaperQuery(BaseModel):
    """In which language, and which version; without one the version that the contract stands for."""

    language: Literal["en", "zh-hans"] = "en"
    sequence: int | None = None


def detail(request: Caller, contract_id: int) -> shapes.ContractDetail:
    """Read a contract again with its lines and clauses. Raises NotVisible."""
    contract = selectors.get_contract(request.user, contract_id)
    facts = shapes.ContractOut.model_validate(contract).model_dump()
    return shapes.ContractDetail.model_validate(
        facts
        | {
            "notes": contract.notes,
            "present": shapes.VersionDetail.model_validate(selectors.present_version(contract)),
            "amendment": _version(selectors.open_amendment(contract)),
        }
    )


def _version(found: ContractVersion | None) -> shapes.VersionDetail | None:
    return None if found is None else shapes.VersionDetail.model_validate(found)


def _show_current(row: models.Model) -> dict[str, Any]:
    fresh = Contract.objects.select_related("customer", "contact", "owner").get(pk=row.pk)
    return shapes.ContractOut.model_validate(fresh).model_dump(mode="json")


CURRENT[Contract] = _show_current


@operation(router, "GET", "/contracts", permission="contracts.view", answers=shapes.ContractPage)
def list_contracts(request: Caller, query: Query[bodies.ContractQuery]) -> Any:
    """List contracts you may see."""
    rows = selectors.contract_rows(request.user)
    if query.q:
        rows = rows.filter(matches(query.q))
    wanted = {
        "state__in": query.state,
        "kind__in": query.kind,
        "owner__in": query.owner,
        "customer": query.customer,
        "opportunity": query.opportunity,
        "signed_on__gte": query.signed_from,
        "signed_on__lte": query.signed_until,
        "number": query.number,
        "external_id": query.external_id,
        "updated_at__gte": query.updated_since,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if query.overdue is not None:
        late = Instalment.objects.overdue(today=clock.today()).values("contract_id")
        rows = rows.filter(pk__in=late) if query.overdue else rows.exclude(pk__in=late)
    items, following = page(rows, query=query, sorts={**BY_ID, **BY_CHANGE}, sort=query.sort)
    return {"items": items, "next": following}


@operation(router, "POST", "/contracts", permission="contracts.draft", answers=shapes.ContractDetail, status=201)
def draft_contract(request: Caller, body: bodies.ContractIn) -> Any:
    """Draft a contract, or bring one along that was signed before."""
    made = drafting.draft_contract(request.user, draft=body.draft(), at=clock.now())
    return detail(request, made.pk)


@operation(
    router,
    "POST",
    "/opportunities/{int:opportunity_id}/contract",
    permission="contracts.draft",
    answers=shapes.ContractDetail,
    status=201,
)
def draft_contract_of_sale(request: Caller, opportunity_id: int, body: bodies.FromOpportunityIn) -> Any:
    """Draft the contract of a sale from its product lines, with prices, discounts and currency."""
    if not request.user.has_permission("pipeline.view"):
        raise PermissionRefused
    made = drafting.draft_contract_from_opportunity(request.user, opportunity_id, at=clock.now(), **body.model_dump())
    return detail(request, made.pk)


@operation(router, "GET", "/contracts/{int:contract_id}", permission="contracts.view", answers=shapes.ContractDetail)
def show_contract(request: Caller, contract_id: int) -> Any:
    """Show a contract with the lines, clauses and terms that it stands for, and an open amendment."""
    return detail(request, contract_id)


@operation(router, "PATCH", "/contracts/{int:contract_id}", permission="contracts.draft", answers=shapes.ContractDetail)
def change_contract(request: Caller, contract_id: int, body: bodies.ContractChangesIn) -> Any:
    """Change fields. A change based on an old version is refused with the contract as it is now."""
    changes, version = changes_of(body, request)
    editing.update_contract(request.user, contract_id, changes=cast(ContractChanges, changes), version=version)
    return detail(request, contract_id)


@operation(router, "DELETE", "/contracts/{int:contract_id}", permission="contracts.draft", status=204)
def delete_draft(request: Caller, contract_id: int) -> None:
    """Delete a draft that was neither numbered nor offered."""
    drafting.delete_draft(request.user, contract_id)


@operation(
    router, "PUT", "/contracts/{int:contract_id}/lines", permission="contracts.draft", answers=shapes.ContractDetail
)
def set_contract_lines(request: Caller, contract_id: int, body: bodies.ContractLinesIn) -> Any:
    """Replace the lines of the draft, or of the amendment that is being drafted; its amounts follow."""
    editing.set_lines(request.user, contract_id, lines=bodies.lines_of(body.lines), version=body.version)
    return detail(request, contract_id)


@operation(
    router, "PUT", "/contracts/{int:contract_id}/terms", permission="contracts.draft", answers=shapes.ContractDetail
)
def set_contract_terms(request: Caller, contract_id: int, body: bodies.TermsChangesIn) -> Any:
    """Change the terms of the draft or amendment; what is not sent stays."""
    editing.set_terms(request.user, contract_id, changes=bodies.terms_of(body), version=body.version)
    return detail(request, contract_id)


@operation(
    router, "PUT", "/contracts/{int:contract_id}/clauses", permission="contracts.draft", answers=shapes.ContractDetail
)
def set_contract_clauses(request: Caller, contract_id: int, body: bodies.ClausesIn) -> Any:
    """Replace the clauses of the draft or amendment."""
    drafts = bodies.clauses_of(body.clauses)
    clauses.set_clauses(request.user, contract_id, clauses=drafts, version=body.version)
    return detail(request, contract_id)


@operation(
    router,
    "POST",
    "/contracts/{int:contract_id}/clauses/restore",
    permission="contracts.draft",
    answers=shapes.ContractDetail,
)
def restore_contract_clauses(request: Caller, contract_id: int) -> Any:
    """Start the clauses of the draft anew from the templates of its kind."""
    clauses.restore_clauses(request.user, contract_id)
    return detail(request, contract_id)


@operation(
    router,
    "GET",
    "/contracts/{int:contract_id}/missing",
    permission="contracts.view",
    answers=shapes.MissingOut,
)
def show_missing(request: Caller, contract_id: int) -> Any:
    """Show which main clauses are not complete, and whether a discount waits for its approval."""
    contract = selectors.get_contract(request.user, contract_id)
    version = selectors.open_amendment(contract) or selectors.present_version(contract)
    missing, discount = missing_clauses(version), discount_state(version)
    is_complete = not missing and not discount.needs_approval
    return shapes.MissingOut.model_validate(
        {"sequence": version.sequence, "is_complete": is_complete, "clauses": missing, "discount": discount},
        from_attributes=True,
    )


@operation(
    router, "GET", "/contracts/{int:contract_id}/versions", permission="contracts.view", answers=shapes.VersionList
)
def list_versions(request: Caller, contract_id: int) -> Any:
    """List the versions of a contract, the latest first."""
    contract = selectors.get_contract(request.user, contract_id)
    return {"items": list(selectors.versions_of(request.user, contract))}


@operation(
    router,
    "GET",
    "/contracts/{int:contract_id}/versions/{int:sequence}",
    permission="contracts.view",
    answers=shapes.VersionDetail,
)
def show_version(request: Caller, contract_id: int, sequence: int) -> Any:
    """Show a version with its terms, lines and clauses."""
    contract = selectors.get_contract(request.user, contract_id)
    return selectors.get_version(request.user, contract, sequence)


@operation(
    router,
    "GET",
    "/contracts/{int:contract_id}/versions/{int:sequence}/differences",
    permission="contracts.view",
    answers=shapes.DifferencesOut,
)
def show_differences(request: Caller, contract_id: int, sequence: int) -> Any:
    """Show what a version changes against the one before it; nothing for the first."""
    contract = selectors.get_contract(request.user, contract_id)
    new = selectors.get_version(request.user, contract, sequence)
    if sequence == 1:
        return VersionDifferences((), (), ())
    return version_differences(selectors.get_version(request.user, contract, sequence - 1), new)


@operation(router, "GET", "/contracts/{int:contract_id}/pdf", permission="contracts.view", media="application/pdf")
def download_paper(request: Caller, contract_id: int, query: Query[PaperQuery]) -> HttpResponse:
    """Download the contract as PDF in English or Chinese."""
    contract = selectors.get_contract(request.user, contract_id)
    chosen = None
    if query.sequence is not None:
        chosen = selectors.versions_of(request.user, contract).filter(sequence=query.sequence).first()
        if chosen is None:
            raise NotVisible
    paper = contract_pdf(request.user, contract_id, language=query.language, version_id=chosen.pk if chosen else None)
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=paper.name) or "attachment",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(paper.content, content_type="application/pdf", headers=headers)
