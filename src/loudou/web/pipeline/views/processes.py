"""Setting up how the company sells: processes and stages, competitors, loss reasons."""

from __future__ import annotations

import functools
from decimal import Decimal
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loudou.core import clock
from loudou.core.refusals import NotVisible
from loudou.insights.selectors import learned_processes
from loudou.pipeline import selectors
from loudou.pipeline.models import Competitor, LossReason, SalesProcess, Stage
from loudou.pipeline.services import competition
from loudou.pipeline.services import processes as services
from loudou.pipeline.services.drafts import CriterionDraft, ProcessDraft, StageDraft
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.columns import Column
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.lists import ListPage
from loudou.web.frame.pages import Page
from loudou.web.pipeline.filters import sales_setup
from loudou.web.pipeline.learned import learned_stages
from loudou.web.pipeline.setup_forms import (
    CompetitorEditForm,
    CompetitorForm,
    CriteriaForm,
    LossReasonEditForm,
    LossReasonForm,
    NewProcessForm,
    ProcessForm,
    StageRemoveForm,
    StageSetupForm,
)

FIRST_RATE, LAST_RATE = Decimal("0.10"), Decimal("0.80")
"""Prior win rates between which the stages of a new process are spread evenly, to be corrected by its makers."""


class ProcessList(Page):
    """All sales processes with their stages."""

    permission = "pipeline.configure"
    template = "pipeline/processes.html"
    title = gettext_lazy("Sales processes")
    section = "pipeline:process_list"

    def context(self) -> dict[str, Any]:
        """Processes with their stages in use."""
        setup = sales_setup(self.request)
        return {
            "processes": [(process, setup.stages_of(process.pk)) for process in setup.processes],
            "learned": learned_processes(),
            "stages_learned": learned_stages(self.request),
            "may_learn": self.request.user.has_permission("insights.refresh"),
        }


class ProcessPage(Page):
    """One process: its stages in order, what each asks for, and how many opportunities a change would touch."""

    permission = "pipeline.configure"
    template = "pipeline/process.html"
    section = "pipeline:process_list"

    def breadcrumbs(self) -> list[tuple[Any, str]]:
        """Back to all processes."""
        return [(_("Sales processes"), reverse("pipeline:process_list"))]

    def context(self) -> dict[str, Any]:
        """Stages with criteria and use."""
        process = selectors.get_process(self.kwargs["pk"])
        used = selectors.stage_use(process.pk)
        stages = selectors.stages_with_criteria(process.pk)
        return {
            "process": process,
            "title": process.label,
            "stages": [(stage, used.get(stage.pk, 0)) for stage in stages],
            "learned": learned_stages(self.request),
            "may_add": len(stages) < selectors.MOST_STAGES,
            "may_audit": self.request.user.has_permission("audit.view"),
            "may_remove": len(stages) > selectors.FEWEST_STAGES,
        }


class ProcessAdd(FormPage):
    """A new process with its stages by name."""

    permission = "pipeline.configure"
    title = gettext_lazy("New sales process")
    form_class = NewProcessForm

    def save(self, form: Any, *, version: int | None) -> Done:
        """Create it, win rates spread evenly."""
        given = form.cleaned_data
        lines = [line.partition("|") for line in given["stages"].splitlines() if line.strip()]
        step = (LAST_RATE - FIRST_RATE) / max(len(lines) - 1, 1)
        stages = [
            StageDraft(name=name.strip(), name_zh=name_zh.strip(), prior_win_rate=round(FIRST_RATE + step * number, 2))
            for number, (name, _bar, name_zh) in enumerate(lines)
        ]
        process = services.create_process(
            self.request.user, draft=ProcessDraft(name=given["name"], name_zh=given["name_zh"], stages=stages)
        )
        address = reverse("pipeline:process", args=[process.pk])
        return Done(
            message=_("%(name)s is ready. Set win rates and criteria.") % {"name": process.label},
            url=address,
            leave=True,
        )


class ProcessEdit(FormPage):
    """Names and rules of a process."""

    permission = "pipeline.configure"
    title = gettext_lazy("Edit sales process")
    form_class = ProcessForm

    def record(self) -> SalesProcess:
        """The process."""
        return selectors.get_process(self.kwargs["pk"])

    def save(self, form: Any, *, version: int | None) -> Done:
        """Change it."""
        changes = dict(form.cleaned_data)
        changes["product_line_id"] = getattr(changes.pop("product_line"), "pk", None)
        process = services.update_process(self.request.user, self.kwargs["pk"], changes=changes, version=version)
        return Done(
            message=_("%(name)s is saved.") % {"name": process.label},
            url=reverse("pipeline:process", args=[process.pk]),
        )


class StageAct(FormPage):
    """A form about one stage."""

    permission = "pipeline.configure"

    @functools.cached_property
    def stage(self) -> Stage:
        """The stage."""
        found = sales_setup(self.request).stages.get(self.kwargs["pk"])
        if found is None or found.merged_into_id is not None:
            raise NotVisible
        return found

    @property
    def address(self) -> str:
        """Address of the stage's process."""
        return reverse("pipeline:process", args=[self.stage.process_id])

    def touched(self) -> int:
        """Open opportunities and those on hold that are in the stage now."""
        return selectors.stage_use(self.stage.process_id).get(self.stage.pk, 0)


class StageEdit(StageAct):
    """Change a stage."""

    template = "pipeline/stage.html"
    title = gettext_lazy("Edit stage")
    form_class = StageSetupForm

    def record(self) -> Stage:
        """The stage."""
        return self.stage

    def context(self) -> dict[str, Any]:
        """How many opportunities the change touches."""
        return {"touched": self.touched()}

    def save(self, form: Any, *, version: int | None) -> Done:
        """Change it."""
        stage = services.update_stage(self.request.user, self.stage.pk, changes=form.cleaned_data, version=version)
        return Done(message=_("%(name)s is saved.") % {"name": stage.label}, url=self.address)


class StageAdd(FormPage):
    """One more stage at the end of a process."""

    permission = "pipeline.configure"
    title = gettext_lazy("New stage")
    form_class = StageSetupForm

    def save(self, form: Any, *, version: int | None) -> Done:
        """Add it."""
        stage = services.add_stage(self.request.user, self.kwargs["pk"], draft=StageDraft(**form.cleaned_data))
        address = reverse("pipeline:process", args=[self.kwargs["pk"]])
        return Done(message=_("%(name)s is added as the last stage.") % {"name": stage.label}, url=address)


class StageRemove(StageAct):
    """Remove a stage; its opportunities move to another one and its history stays."""

    template = "pipeline/stage_remove.html"
    title = gettext_lazy("Remove stage")
    form_class = StageRemoveForm
    submit_label = gettext_lazy("Remove")
    warn_unsaved = False

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Nothing is chosen before."""
        return {}

    def form_kwargs(self) -> dict[str, Any]:
        """The other stages."""
        others = [
            stage for stage in sales_setup(self.request).stages_of(self.stage.process_id) if stage.pk != self.stage.pk
        ]
        return {"stages": others, "is_used": self.touched() > 0}

    def context(self) -> dict[str, Any]:
        """What the removal touches."""
        return {"stage": self.stage, "touched": self.touched()}

    def save(self, form: Any, *, version: int | None) -> Done:
        """Remove it."""
        services.remove_stage(
            self.request.user, self.stage.pk, at=clock.now(), merge_into_id=form.cleaned_data["merge_into"]
        )
        return Done(message=_("%(name)s is removed.") % {"name": self.stage.label}, url=self.address)


class StageShift(ActionPage):
    """Move a stage one place up or down."""

    permission = "pipeline.configure"

    def act(self) -> Done:
        """Swap with its neighbour."""
        setup = sales_setup(self.request)
        stage = setup.stages.get(self.kwargs["pk"])
        if stage is None:
            raise NotVisible
        ids = [other.pk for other in setup.stages_of(stage.process_id)]
        here = ids.index(stage.pk)
        there = here - 1 if self.request.POST.get("direction") == "up" else here + 1
        if 0 <= there < len(ids):
            ids[here], ids[there] = ids[there], ids[here]
            services.reorder_stages(self.request.user, stage.process_id, stage_ids=ids)
        return Done(message=_("The order is saved."), url=reverse("pipeline:process", args=[stage.process_id]))


class CriteriaPage(StageAct):
    """Exit criteria of a stage."""

    template = "frame/rows.html"
    title = gettext_lazy("Exit criteria")
    form_class = CriteriaForm

    def record(self) -> Stage:
        """The stage."""
        return self.stage

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """The table fills itself."""
        return {}

    def form_kwargs(self) -> dict[str, Any]:
        """The criteria as they are."""
        rows = list(self.stage.criteria.order_by("position", "pk").values("id", "name", "name_zh", "needs_evidence"))
        return {"request": self.request, "rows": rows}

    def save(self, form: Any, *, version: int | None) -> Done:
        """Replace them; known ones keep their checks."""
        criteria = [CriterionDraft(**row) for row in form.cleaned_rows()]
        services.set_criteria(self.request.user, self.stage.pk, criteria=criteria, version=version)
        return Done(message=_("The criteria are saved."), url=self.address)


class CompetitorList(ListPage):
    """Who sells against us."""

    permission = "pipeline.view"
    title = gettext_lazy("Competitors")
    columns = (
        Column(name="name", label=gettext_lazy("Competitor"), sort="name"),
        Column(name="website", label=gettext_lazy("Website"), hide_below="md"),
        Column(name="strengths", label=gettext_lazy("Strengths"), hide_below="lg"),
        Column(name="weaknesses", label=gettext_lazy("Weaknesses"), hide_below="lg"),
        Column(name="open_count", label=gettext_lazy("In open opportunities"), kind="number"),
        Column(name="won_count", label=gettext_lazy("Won from us"), kind="number"),
        Column(name="is_active", label=gettext_lazy("Active"), kind="boolean"),
    )
    default_sort = "name"
    add_url_name, add_permission, add_label = (
        "pipeline:competitor_add",
        "pipeline.configure",
        gettext_lazy("New competitor"),
    )
    empty_icon = "swords"
    empty_title = gettext_lazy("No competitors yet")
    empty_text = gettext_lazy("Name the companies that sell against you, and see where you meet them and who wins.")

    @property
    def row_url_name(self) -> str:  # type: ignore[override]
        """Rows open for those who may change them; the columns tell everybody else all there is."""
        return "pipeline:competitor" if self.request.user.has_permission("pipeline.configure") else ""

    def rows(self) -> Any:
        """Competitors with how often the reader meets them."""
        return selectors.competitor_rows(self.request.user)


class CompetitorAdd(FormPage):
    """A new competitor."""

    permission = "pipeline.configure"
    title = gettext_lazy("New competitor")
    form_class = CompetitorForm

    def save(self, form: Any, *, version: int | None) -> Done:
        """Create it."""
        competitor = competition.create_competitor(self.request.user, **form.cleaned_data)
        return Done(
            message=_("%(name)s is added.") % {"name": competitor.name}, url=reverse("pipeline:competitor_list")
        )


class CompetitorEdit(FormPage):
    """Change a competitor."""

    permission = "pipeline.configure"
    title = gettext_lazy("Competitor")
    form_class = CompetitorEditForm

    def record(self) -> Competitor:
        """The competitor."""
        return selectors.get_competitor(self.kwargs["pk"])

    def save(self, form: Any, *, version: int | None) -> Done:
        """Change it."""
        competitor = competition.update_competitor(
            self.request.user, self.kwargs["pk"], changes=form.cleaned_data, version=version
        )
        return Done(
            message=_("%(name)s is saved.") % {"name": competitor.name}, url=reverse("pipeline:competitor_list")
        )


class LossReasonList(Page):
    """Why sales are lost, in the order in which the forms offer them."""

    permission = "pipeline.configure"
    template = "pipeline/loss_reasons.html"
    title = gettext_lazy("Loss reasons")

    def context(self) -> dict[str, Any]:
        """All of them, in the company's order."""
        return {"reasons": selectors.all_loss_reasons()}


class LossReasonShift(ActionPage):
    """Put a loss reason one place up or down."""

    permission = "pipeline.configure"

    def act(self) -> Done:
        """Exchange it with its neighbour."""
        ids = [reason.pk for reason in selectors.all_loss_reasons()]
        here = ids.index(selectors.get_loss_reason(self.kwargs["pk"]).pk)
        there = here - 1 if self.request.POST.get("direction") == "up" else here + 1
        if 0 <= there < len(ids):
            ids[here], ids[there] = ids[there], ids[here]
            competition.reorder_loss_reasons(self.request.user, loss_reason_ids=ids)
        return Done(message=_("The order is saved."), url=reverse("pipeline:loss_reason_list"))


class LossReasonAdd(FormPage):
    """A new loss reason."""

    permission = "pipeline.configure"
    title = gettext_lazy("New loss reason")
    form_class = LossReasonForm

    def save(self, form: Any, *, version: int | None) -> Done:
        """Create it."""
        reason = competition.create_loss_reason(self.request.user, **form.cleaned_data)
        return Done(message=_("%(name)s is added.") % {"name": reason.label}, url=reverse("pipeline:loss_reason_list"))


class LossReasonEdit(FormPage):
    """Change a loss reason."""

    permission = "pipeline.configure"
    title = gettext_lazy("Edit loss reason")
    form_class = LossReasonEditForm

    def record(self) -> LossReason:
        """The loss reason."""
        return selectors.get_loss_reason(self.kwargs["pk"])

    def save(self, form: Any, *, version: int | None) -> Done:
        """Change it."""
        reason = competition.update_loss_reason(
            self.request.user, self.kwargs["pk"], changes=form.cleaned_data, version=version
        )
        return Done(message=_("%(name)s is saved.") % {"name": reason.label}, url=reverse("pipeline:loss_reason_list"))
