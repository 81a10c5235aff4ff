"""Payment plans, their templates, and the instalments that are owed."""

from __future__ import annotations

from typing import Any

from django.db import models
from ninja import Query, Router

from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_ID, page
from loudou.api.problems import CURRENT
from loudou.api.v1 import ledger_bodies as bodies
from loudou.api.v1 import ledger_shapes as shapes
from loudou.contracts.models import PaymentPlan, PlanTemplate
from loudou.contracts.selectors.contracts import get_contract
from loudou.contracts.selectors.receivable import (
    allocations_of_instalment,
    get_instalment,
    get_plan_template,
    instalment_rows,
    plan_templates,
    plans_of,
)
from loudou.contracts.services import plan_templates as templates
from loudou.contracts.services import plans
from loudou.core import clock

router = Router(tags=["Payment plans"])


def _plan(request: Caller, plan: PaymentPlan) -> PaymentPlan:
    return plans_of(request.user, plan.contract_id).get(pk=plan.pk)


def _show_plan(row: models.Model) -> dict[str, Any]:
    return shapes.PlanOut.model_validate(row).model_dump(mode="json")


def _show_template(row: models.Model) -> dict[str, Any]:
    return shapes.PlanTemplateOut.model_validate(row).model_dump(mode="json")


CURRENT[PaymentPlan] = _show_plan
CURRENT[PlanTemplate] = _show_template


@operation(router, "GET", "/contracts/{int:contract_id}/plans", permission="contracts.view", answers=shapes.PlanList)
def list_plans(request: Caller, contract_id: int) -> Any:
    """List every plan of a contract: the draft, the one in force, those that were replaced."""
    contract = get_contract(request.user, contract_id)
    return {"items": list(plans_of(request.user, contract.pk))}


@operation(router, "PUT", "/contracts/{int:contract_id}/plan", permission="contracts.draft", answers=shapes.PlanOut)
def set_plan(request: Caller, contract_id: int, body: bodies.PlanIn) -> Any:
    """Set the payment plan of the draft, or of an amendment; shares follow the total when lines change."""
    return _plan(request, plans.draft_plan(request.user, contract_id, lines=body.drafts(), version=body.version))


@operation(
    router,
    "PUT",
    "/contracts/{int:contract_id}/plan/template",
    permission="contracts.draft",
    answers=shapes.PlanOut,
)
def set_plan_from_template(request: Caller, contract_id: int, body: bodies.PlanFromTemplateIn) -> Any:
    """Set the payment plan of the draft from a template."""
    return _plan(request, plans.draft_plan_from_template(request.user, contract_id, **body.model_dump()))


@operation(
    router,
    "PUT",
    "/contracts/{int:contract_id}/plan/monthly",
    permission="contracts.draft",
    answers=shapes.PlanOut,
)
def set_monthly_plan(request: Caller, contract_id: int, body: bodies.MonthlyPlanIn) -> Any:
    """Set a plan of equal instalments, one a month; the odd cents are spread, the sum is exact."""
    return _plan(request, plans.draft_monthly_plan(request.user, contract_id, **body.model_dump()))


@operation(
    router,
    "POST",
    "/contracts/{int:contract_id}/settlement",
    permission="contracts.end",
    answers=shapes.PlanOut,
    status=201,
)
def settle_termination(request: Caller, contract_id: int, body: bodies.SettlementIn) -> Any:
    """Say what a terminated contract is to be paid after all; money received beyond it becomes an advance."""
    made = plans.settle_termination(request.user, contract_id, lines=body.drafts(), at=clock.now())
    return _plan(request, made)


@operation(router, "GET", "/instalments", permission="contracts.view", answers=shapes.InstalmentPage)
def list_instalments(request: Caller, query: Query[bodies.InstalmentQuery]) -> Any:
    """List instalments of plans in force."""
    rows = instalment_rows(request.user)
    if query.overdue:
        rows = rows.overdue(today=clock.today())
    elif query.open:
        rows = rows.open()
    wanted = {
        "contract": query.contract,
        "customer": query.customer,
        "due_on__gte": query.due_from,
        "due_on__lte": query.due_until,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    items, following = page(rows, query=query, sorts=BY_ID, sort=query.sort)
    return {"items": items, "next": following}


@operation(
    router,
    "GET",
    "/instalments/{int:instalment_id}/allocations",
    permission="contracts.view",
    answers=shapes.AllocationList,
)
def list_payments_of_instalment(request: Caller, instalment_id: int) -> Any:
    """List what was put on an instalment and what was taken off it, in the order of posting."""
    instalment = get_instalment(request.user, instalment_id)
    return {"items": list(allocations_of_instalment(request.user, instalment.pk))}


@operation(router, "GET", "/plan-templates", permission="contracts.view", answers=shapes.PlanTemplateList)
def list_plan_templates(request: Caller) -> Any:
    """List the payment plans to start from."""
    return {"items": list(plan_templates())}


@operation(
    router, "POST", "/plan-templates", permission="contracts.configure", answers=shapes.PlanTemplateOut, status=201
)
def create_plan_template(request: Caller, body: bodies.PlanTemplateIn) -> Any:
    """Add a template."""
    made = templates.create_plan_template(request.user, draft=body.draft())
    return get_plan_template(made.pk)


@operation(
    router,
    "PUT",
    "/plan-templates/{int:template_id}",
    permission="contracts.configure",
    answers=shapes.PlanTemplateOut,
)
def change_plan_template(request: Caller, template_id: int, body: bodies.PlanTemplateChangesIn) -> Any:
    """Replace a template as a whole; plans that were made from it stay as they are."""
    templates.update_plan_template(request.user, template_id, draft=body.draft(), version=body.version)
    return get_plan_template(template_id)
