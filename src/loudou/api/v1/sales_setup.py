"""Sales processes with stages and criteria, competitors, loss reasons."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Query, Router
from pydantic import Field, field_validator

from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_CHANGE, BY_ID, BY_NAME, PageQuery, page
from loudou.api.problems import CURRENT
from loudou.api.schemas import (
    Days,
    Given,
    GivenVersion,
    Id,
    LabelRef,
    Line,
    Long,
    Share,
    Short,
    Shown,
    Stamped,
    changes_of,
)
from loudou.core import clock
from loudou.customers.choices import CustomerKind
from loudou.insights.selectors import learned_processes, learned_stages
from loudou.pipeline.choices import CriteriaMode, RequiredField
from loudou.pipeline.models import Competitor, LossReason, SalesProcess, Stage
from loudou.pipeline.selectors.processes import sales_process, sales_processes, stage_of_process
from loudou.pipeline.services import competition, processes
from loudou.pipeline.services.drafts import CriterionDraft, ProcessDraft, StageDraft

router = Router(tags=["Sales setup"])
Name = Annotated[str, Field(min_length=1, max_length=120)]
Colour = Annotated[str, Field(min_length=1, max_length=20)]


class ExitCriterionOut(LabelRef):
    """An exit criterion."""

    needs_evidence: bool


class LearnedOut(Shown):
    """What history says, as of a moment: shares of 0 to 1 with a 90 % interval, and days; null when it is too short.

    `win_rate` is the share won `horizon_days` after entering; `undecided` of them are still open. `sample` sales were
    observed, `won` and `lost` of them decided; the days are those of `stays` stays, of which `stays_finished` are over.
    """

    as_of: dt.datetime
    win_rate: float | None
    low: float | None
    high: float | None
    undecided: float | None
    horizon_days: int | None
    sample: int
    won: int
    lost: int
    median_days: int | None
    p80_days: int | None
    stays: int
    stays_finished: int


class StageOut(Stamped):
    """A stage; `prior_win_rate` is what was expected at first (a share of 0 to 1), `learned_figures` what came true."""

    name: str
    name_zh: str
    process_id: int
    position: int
    prior_win_rate: Decimal
    expected_days: int
    required_fields: list[str]
    colour: str
    is_folded: bool
    criteria: list[ExitCriterionOut]
    learned_figures: LearnedOut | None = None

    @field_validator("criteria", mode="before")
    @classmethod
    def _all(cls, value: Any) -> Any:
        return list(value.all()) if hasattr(value, "all") else value


class ProcessOut(Stamped):
    """A sales process with its stages in order; the days of its `learned_figures` are the sales cycle."""

    name: str
    name_zh: str
    description: str
    customer_kinds: list[str]
    product_line_id: int | None
    key_action: str
    criteria_mode: CriteriaMode
    position: int
    is_default: bool
    is_active: bool
    stages: list[StageOut]
    learned_figures: LearnedOut | None = None

    @field_validator("stages", mode="before")
    @classmethod
    def _all(cls, value: Any) -> Any:
        return list(value.all()) if hasattr(value, "all") else value


class Processes(Shown):
    """All sales processes."""

    items: list[ProcessOut]


class ExitCriterionIn(Given):
    """An exit criterion; with an id an existing one is kept."""

    name: Name
    name_zh: Short = ""
    needs_evidence: bool = True
    id: Id | None = None


class StageFields(Given):
    """What creating and changing a stage have in common."""

    name_zh: Short = ""
    expected_days: Days = 14
    required_fields: Annotated[list[RequiredField], Field(max_length=20)] = []
    colour: Colour = "blue"
    is_folded: bool = False


class StageIn(StageFields):
    """A stage to be added, at the end unless a position (1 = first) is named."""

    name: Name
    prior_win_rate: Share
    criteria: Annotated[list[ExitCriterionIn], Field(max_length=50)] = []

    def draft(self) -> StageDraft:
        """Return the stage as the services take it."""
        given = self.model_dump(exclude={"criteria", "position"})
        return StageDraft(**given, criteria=[CriterionDraft(**c.model_dump()) for c in self.criteria])


class AddedStageIn(StageIn):
    """A stage to be added to a process."""

    position: Annotated[int, Field(ge=1, le=7)] | None = None


class StageChangesIn(StageFields, GivenVersion):
    """Fields of a stage to be changed."""

    name: Name | None = None
    prior_win_rate: Share | None = None


class ProcessFields(Given):
    """What creating and changing a process have in common."""

    name_zh: Short = ""
    description: Long = ""
    customer_kinds: Annotated[list[CustomerKind], Field(max_length=10)] = []
    product_line_id: Id | None = None
    key_action: Short = ""
    criteria_mode: CriteriaMode = CriteriaMode.WARN
    is_default: bool = False


class ProcessIn(ProcessFields):
    """A sales process with its three to seven stages in order."""

    name: Name
    stages: Annotated[list[StageIn], Field(max_length=20)]


class ProcessChangesIn(ProcessFields, GivenVersion):
    """Fields of a process to be changed."""

    name: Name | None = None
    is_active: bool = True
    position: Annotated[int, Field(ge=0, le=1000)] = 0


class OrderIn(GivenVersion):
    """The stages in their new order."""

    stage_ids: Annotated[list[Id], Field(max_length=20)]


class RemoveStageIn(Given):
    """The stage that takes over what is in the one removed."""

    merge_into_id: Id | None = None


class CriteriaIn(GivenVersion):
    """All exit criteria of a stage."""

    criteria: Annotated[list[ExitCriterionIn], Field(max_length=50)]


def _told(*rows: SalesProcess) -> None:
    """Put what history says beside what was expected."""
    of_processes, of_stages = learned_processes(), learned_stages()
    for row in rows:
        row.learned_figures = of_processes.get(row.pk)  # type: ignore[attr-defined]
        for stage in row.stages.all():
            stage.learned_figures = of_stages.get(stage.pk)  # type: ignore[attr-defined]


def _process(process_id: int) -> SalesProcess:
    process = sales_process(process_id)
    _told(process)
    return process


def _stage(stage_id: int) -> Stage:
    stage = stage_of_process(stage_id)
    stage.learned_figures = learned_stages().get(stage_id)  # type: ignore[attr-defined]
    return stage


@operation(router, "GET", "/processes", permission="pipeline.view", answers=Processes)
def list_processes(request: Caller) -> Any:
    """List all sales processes with their stages and exit criteria."""
    items = sales_processes()
    _told(*items)
    return {"items": items}


@operation(router, "POST", "/processes", permission="pipeline.configure", answers=ProcessOut, status=201)
def create_process(request: Caller, body: ProcessIn) -> Any:
    """Create a sales process with its three to seven stages."""
    draft = ProcessDraft(**body.model_dump(exclude={"stages"}), stages=[stage.draft() for stage in body.stages])
    return _process(processes.create_process(request.user, draft=draft).pk)


@operation(router, "GET", "/processes/{int:process_id}", permission="pipeline.view", answers=ProcessOut)
def show_process(request: Caller, process_id: int) -> Any:
    """Show a sales process."""
    return _process(process_id)


@operation(router, "PATCH", "/processes/{int:process_id}", permission="pipeline.configure", answers=ProcessOut)
def change_process(request: Caller, process_id: int, body: ProcessChangesIn) -> Any:
    """Change a sales process."""
    changes, version = changes_of(body, request)
    processes.update_process(request.user, process_id, changes=changes, version=version)
    return _process(process_id)


@operation(
    router, "POST", "/processes/{int:process_id}/stages", permission="pipeline.configure", answers=StageOut, status=201
)
def add_stage(request: Caller, process_id: int, body: AddedStageIn) -> Any:
    """Add a stage to a process."""
    stage = processes.add_stage(request.user, process_id, draft=body.draft(), position=body.position)
    return _stage(stage.pk)


@operation(router, "PUT", "/processes/{int:process_id}/order", permission="pipeline.configure", answers=ProcessOut)
def reorder_stages(request: Caller, process_id: int, body: OrderIn) -> Any:
    """Put the stages of a process into another order."""
    processes.reorder_stages(request.user, process_id, stage_ids=body.stage_ids, version=body.version)
    return _process(process_id)


@operation(router, "PATCH", "/stages/{int:stage_id}", permission="pipeline.configure", answers=StageOut)
def change_stage(request: Caller, stage_id: int, body: StageChangesIn) -> Any:
    """Change a stage."""
    changes, version = changes_of(body, request)
    processes.update_stage(request.user, stage_id, changes=changes, version=version)
    return _stage(stage_id)


@operation(router, "PUT", "/stages/{int:stage_id}/criteria", permission="pipeline.configure", answers=StageOut)
def set_criteria(request: Caller, stage_id: int, body: CriteriaIn) -> Any:
    """Replace the exit criteria of a stage."""
    criteria = [CriterionDraft(**criterion.model_dump()) for criterion in body.criteria]
    processes.set_criteria(request.user, stage_id, criteria=criteria, version=body.version)
    return _stage(stage_id)


@operation(router, "POST", "/stages/{int:stage_id}/remove", permission="pipeline.configure", answers=ProcessOut)
def remove_stage(request: Caller, stage_id: int, body: RemoveStageIn) -> Any:
    """Remove a stage; one that was used is merged into another."""
    process = processes.remove_stage(request.user, stage_id, merge_into_id=body.merge_into_id, at=clock.now())
    return _process(process.pk)


class CompetitorOut(Stamped):
    """A company that sells against us."""

    name: str
    website: str
    strengths: str
    weaknesses: str
    is_active: bool


class CompetitorPage(Shown):
    """A page of competitors."""

    items: list[CompetitorOut]
    next: str | None


class CompetitorQuery(PageQuery):
    """How to list competitors."""

    sort: Literal["id", "-id", "name", "-name", "updated_at", "-updated_at"] = "name"


class CompetitorFields(Given):
    """What creating and changing a competitor have in common."""

    website: Line = ""
    strengths: Long = ""
    weaknesses: Long = ""
    is_active: bool = True


class CompetitorIn(CompetitorFields):
    """A competitor to be added."""

    name: Annotated[str, Field(min_length=1, max_length=200)]


class CompetitorChangesIn(CompetitorFields, GivenVersion):
    """Fields of a competitor to be changed."""

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None


@operation(router, "GET", "/competitors", permission="pipeline.view", answers=CompetitorPage)
def list_competitors(request: Caller, query: Query[CompetitorQuery]) -> Any:
    """List competitors."""
    sorts = {**BY_ID, **BY_NAME, **BY_CHANGE}
    items, following = page(Competitor.objects.all(), query=query, sorts=sorts, sort=query.sort)
    return {"items": items, "next": following}


@operation(router, "POST", "/competitors", permission="pipeline.configure", answers=CompetitorOut, status=201)
def create_competitor(request: Caller, body: CompetitorIn) -> Any:
    """Add a competitor."""
    return competition.create_competitor(request.user, **body.model_dump())


@operation(router, "PATCH", "/competitors/{int:competitor_id}", permission="pipeline.configure", answers=CompetitorOut)
def change_competitor(request: Caller, competitor_id: int, body: CompetitorChangesIn) -> Any:
    """Change a competitor."""
    changes, version = changes_of(body, request)
    return competition.update_competitor(request.user, competitor_id, changes=changes, version=version)


class LossReasonOut(Stamped):
    """Why sales are lost."""

    name: str
    name_zh: str
    position: int
    is_active: bool


class LossReasons(Shown):
    """All loss reasons in order."""

    items: list[LossReasonOut]


class LossReasonIn(Given):
    """A loss reason to be added."""

    name: Name
    name_zh: Short = ""
    is_active: bool = True


class LossReasonChangesIn(GivenVersion):
    """Fields of a loss reason to be changed."""

    name: Name | None = None
    name_zh: Short = ""
    is_active: bool = True


@operation(router, "GET", "/loss-reasons", permission="pipeline.view", answers=LossReasons)
def list_loss_reasons(request: Caller) -> Any:
    """List loss reasons in order."""
    return {"items": list(LossReason.objects.order_by("position", "pk"))}


@operation(router, "POST", "/loss-reasons", permission="pipeline.configure", answers=LossReasonOut, status=201)
def create_loss_reason(request: Caller, body: LossReasonIn) -> Any:
    """Add a loss reason."""
    return competition.create_loss_reason(request.user, **body.model_dump())


@operation(
    router, "PATCH", "/loss-reasons/{int:loss_reason_id}", permission="pipeline.configure", answers=LossReasonOut
)
def change_loss_reason(request: Caller, loss_reason_id: int, body: LossReasonChangesIn) -> Any:
    """Change a loss reason."""
    changes, version = changes_of(body, request)
    return competition.update_loss_reason(request.user, loss_reason_id, changes=changes, version=version)


CURRENT[SalesProcess] = lambda row: ProcessOut.model_validate(sales_process(row.pk)).model_dump(mode="json")
CURRENT[Stage] = lambda row: StageOut.model_validate(stage_of_process(row.pk)).model_dump(mode="json")
CURRENT[Competitor] = lambda row: CompetitorOut.model_validate(row).model_dump(mode="json")
CURRENT[LossReason] = lambda row: LossReasonOut.model_validate(row).model_dump(mode="json")
