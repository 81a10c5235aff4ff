"""Setting up contracts: the clauses and tax rates that drafts start with, and how documents are numbered."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Query, Router
from pydantic import Field

from loudou.api.operations import Caller, operation
from loudou.api.problems import CURRENT
from loudou.api.schemas import Given, GivenVersion, Long, Share, Shown, Stamped, changes_of
from loudou.api.v1.contract_bodies import Heading, Ids
from loudou.api.v1.contract_shapes import ClauseOut
from loudou.contracts.choices import ClauseKey, ContractKind, DocumentKind, NumberedAt, NumberReset
from loudou.contracts.models import ClauseTemplate, NumberSeries, TaxRate
from loudou.contracts.selectors.clauses import clause_templates
from loudou.contracts.selectors.numbers import number_series
from loudou.contracts.selectors.taxes import UsualRate, usual_rates
from loudou.contracts.services import clauses, numbers, taxes

router = Router(tags=["Contract setup"])


class ClauseTemplateOut(ClauseOut, Stamped):
    """A clause that drafts of a kind of contract start with."""

    contract_kind: ContractKind
    position: int
    is_active: bool


class ClauseTemplateList(Shown):
    """Clauses by kind of contract, in order."""

    items: list[ClauseTemplateOut]


class ClauseTemplateQuery(Given):
    """Of which kind of contract; of all when empty."""

    kind: ContractKind | Literal[""] = ""


class ClauseTemplateFields(Given):
    """What adding and changing have in common."""

    title: Heading = ""
    title_zh: Heading = ""
    body: Long = ""
    body_zh: Long = ""
    is_main: bool = False
    is_active: bool = True


class ClauseTemplateIn(ClauseTemplateFields):
    """A clause to be added at the end; names in curly braces stand for facts of the contract."""

    contract_kind: ContractKind
    key: ClauseKey


class ClauseTemplateChangesIn(ClauseTemplateFields, GivenVersion):
    """Fields to be changed; contracts that have the clause keep theirs."""

    key: ClauseKey = ClauseKey.OTHER


class ClauseOrderIn(Given):
    """All clauses of a kind of contract in their new order."""

    contract_kind: ContractKind
    template_ids: Ids


class NumberSeriesOut(Stamped):
    """How a kind of document is numbered: `pattern` such as 'HT{year}{month}-{number:4}', and when it starts again."""

    kind: DocumentKind
    pattern: str
    reset: NumberReset
    starts_at: int
    is_gap_free: bool
    numbered_at: NumberedAt


class NumberSeriesList(Shown):
    """All series, one for each kind of document."""

    items: list[NumberSeriesOut]


class NumberSeriesChangesIn(GivenVersion):
    """Fields to be changed; numbers already given stay."""

    pattern: Annotated[str, Field(min_length=1, max_length=60)] = "{number}"
    reset: NumberReset = NumberReset.YEARLY
    starts_at: Annotated[int, Field(ge=1, le=2**31 - 1)] = 1
    is_gap_free: bool = True
    numbered_at: NumberedAt = NumberedAt.SIGNING


class TaxRateOut(Shown):
    """The tax rate that lines of a kind of contract start with; `version` when the company set it, else null."""

    kind: ContractKind
    rate: Decimal
    version: int | None

    @classmethod
    def of(cls, row: UsualRate) -> TaxRateOut:
        """What counts for a kind."""
        return cls(kind=row.kind, rate=row.rate, version=row.own.version if row.own else None)


class TaxRateList(Shown):
    """The rate of each kind of contract."""

    items: list[TaxRateOut]


class TaxRateIn(GivenVersion):
    """A share of 0 to 1, or null for the usual one."""

    rate: Share | None


@operation(router, "GET", "/clause-templates", permission="contracts.view", answers=ClauseTemplateList)
def list_clause_templates(request: Caller, query: Query[ClauseTemplateQuery]) -> Any:
    """List the clauses that drafts start with."""
    return {"items": list(clause_templates(query.kind))}


@operation(router, "POST", "/clause-templates", permission="contracts.configure", answers=ClauseTemplateOut, status=201)
def create_clause_template(request: Caller, body: ClauseTemplateIn) -> Any:
    """Add a clause that drafts of a kind start with."""
    return clauses.create_template(request.user, **body.model_dump())


@operation(router, "PUT", "/clause-templates/order", permission="contracts.configure", answers=ClauseTemplateList)
def order_clause_templates(request: Caller, body: ClauseOrderIn) -> Any:
    """Put the clauses of a kind of contract into another order; all of them are named."""
    clauses.reorder_templates(request.user, **body.model_dump())
    return {"items": list(clause_templates(body.contract_kind))}


@operation(
    router,
    "PATCH",
    "/clause-templates/{int:template_id}",
    permission="contracts.configure",
    answers=ClauseTemplateOut,
)
def change_clause_template(request: Caller, template_id: int, body: ClauseTemplateChangesIn) -> Any:
    """Change a clause that drafts start with."""
    changes, version = changes_of(body, request)
    return clauses.update_template(request.user, template_id, version=version, **changes)


@operation(router, "DELETE", "/clause-templates/{int:template_id}", permission="contracts.configure", status=204)
def remove_clause_template(request: Caller, template_id: int) -> None:
    """Remove a clause that drafts start with."""
    clauses.remove_template(request.user, template_id)


@operation(router, "GET", "/tax-rates", permission="contracts.view", answers=TaxRateList)
def list_tax_rates(request: Caller) -> Any:
    """List the tax rates that lines of each kind of contract start with."""
    return {"items": [TaxRateOut.of(row) for row in usual_rates()]}


@operation(router, "PUT", "/tax-rates/{kind}", permission="contracts.configure", answers=TaxRateList)
def set_tax_rate(request: Caller, kind: ContractKind, body: TaxRateIn) -> Any:
    """Set the tax rate that lines of a kind of contract start with; null goes back to the usual one."""
    taxes.set_tax_rate(request.user, contract_kind=kind, rate=body.rate, version=body.version)
    return {"items": [TaxRateOut.of(row) for row in usual_rates()]}


@operation(router, "GET", "/number-series", permission="contracts.view", answers=NumberSeriesList)
def list_number_series(request: Caller) -> Any:
    """List how documents are numbered."""
    return {"items": list(number_series())}


@operation(
    router,
    "PATCH",
    "/number-series/{int:series_id}",
    permission="contracts.configure",
    answers=NumberSeriesOut,
)
def change_number_series(request: Caller, series_id: int, body: NumberSeriesChangesIn) -> Any:
    """Change how a kind of document is numbered."""
    changes, version = changes_of(body, request)
    return numbers.update_series(request.user, series_id, version=version, **changes)


def _rate_as_it_is(row: Any) -> dict[str, Any]:
    return TaxRateOut(kind=row.contract_kind, rate=row.rate, version=row.version).model_dump(mode="json")


CURRENT[ClauseTemplate] = lambda row: ClauseTemplateOut.model_validate(row).model_dump(mode="json")
CURRENT[TaxRate] = _rate_as_it_is
CURRENT[NumberSeries] = lambda row: NumberSeriesOut.model_validate(row).model_dump(mode="json")
