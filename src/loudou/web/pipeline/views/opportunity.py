"""The opportunity itself: page and side panel, what is known of its past, and creating and editing it."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loudou.core import clock
from loudou.core.models import ExchangeRate
from loudou.customers.services.customers import create_customer
from loudou.customers.services.drafts import CustomerDraft
from loudou.pipeline import selectors
from loudou.pipeline.choices import CriteriaMode, RequiredField
from loudou.pipeline.models import CriterionCheck, Opportunity, Stage, StageChange, StageCriterion
from loudou.pipeline.services import opportunities as services
from loudou.pipeline.services import progress
from loudou.pipeline.services.criteria import ON_THE_ROW
from loudou.pipeline.services.drafts import LineDraft, MemberDraft, OpportunityDraft
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.pages import RecordPage
from loudou.web.pipeline.changes import history_in_words
from loudou.web.pipeline.filters import sales_setup
from loudou.web.pipeline.forms import (
    CompetitorsForm,
    ContactsForm,
    LinesForm,
    LogForm,
    MembersForm,
    NextStepForm,
    OpportunityForm,
    QuickOpportunityForm,
)
from loudou.web.pipeline.learned import learned_stages
from loudou.web.pipeline.quick_days import days_soon
from loudou.web.pipeline.views.moves import OpportunityAct


@dataclass(frozen=True)
class StageStep:
    """A stage on the bar of an opportunity."""

    stage: Stage
    days: int | None
    is_current: bool
    is_passed: bool
    is_too_long: bool


@dataclass(frozen=True)
class CriterionLine:
    """An exit criterion of the present stage, and on what evidence it is met."""

    criterion: StageCriterion
    check: CriterionCheck | None


class OpportunityPage(RecordPage):
    """Everything about one opportunity."""

    permission = "pipeline.view"
    template = "pipeline/opportunity.html"
    record_name = "opportunity"
    section = "pipeline:list"

    def record(self) -> Opportunity:
        """The opportunity with lines, team, people and competitors."""
        return self.opportunity

    @functools.cached_property
    def opportunity(self) -> Opportunity:
        """Read once."""
        return selectors.opportunity_for_page(self.request.user, self.kwargs["pk"])

    @property
    def edit_url(self) -> str:
        """The form that `e` opens."""
        if not self.request.user.has_permission("pipeline.change"):
            return ""
        return reverse("pipeline:edit", args=[self.kwargs["pk"]])

    @property
    def may_change(self) -> bool:
        """Whether the reader may change it."""
        return self.request.user.has_permission("pipeline.change")

    def breadcrumbs(self) -> list[tuple[Any, str]]:
        """Back to the list."""
        return [(_("Pipeline"), reverse("pipeline:list"))]

    @functools.cached_property
    def history(self) -> list[StageChange]:
        """The whole history, oldest first."""
        return selectors.changes_of(self.opportunity)

    def context(self) -> dict[str, Any]:
        """Figures beside the record."""
        row, at = self.opportunity, clock.now()
        setup = sales_setup(self.request)
        stage = setup.stages.get(row.stage_id, row.stage)
        criteria = self._criteria(row)
        missing_fields = self._missing_fields(row, stage)
        return {
            "steps": self._steps(row, at),
            "days": selectors.days_in_stage(row, today=clock.today()),
            "stage": stage,
            "criteria": criteria,
            "missing_fields": missing_fields,
            "is_anything_missing": bool(missing_fields) or any(line.check is None for line in criteria),
            "learned": learned_stages(self.request),
            "blocks": row.process.criteria_mode == CriteriaMode.BLOCK,
            "weighted": selectors.weighted(row, setup.win_rates),
            "base": self.request.company.base_currency,
            "rate": self._rate(row),
            "may_see_contracts": self.request.user.has_permission("contracts.view"),
            "owner_split": Decimal(100) - sum((member.split for member in row.members.all()), start=Decimal(0)),
            "changes": [*history_in_words(self.history)][::-1],
            "today": clock.today(),
            **self._past(),
        }

    def _steps(self, row: Opportunity, at: dt.datetime) -> list[StageStep]:
        spent = selectors.days_per_stage(self.history, at=at)
        stages = sales_setup(self.request).stages_of(row.process_id)
        steps = []
        for stage in stages:
            days = spent[stage.pk].days if stage.pk in spent else None
            steps.append(
                StageStep(
                    stage,
                    days,
                    is_current=stage.pk == row.stage_id,
                    is_passed=stage.position < row.stage.position,
                    is_too_long=days is not None and days > stage.expected_days,
                )
            )
        return steps

    def _criteria(self, row: Opportunity) -> list[CriterionLine]:
        checks = {check.criterion_id: check for check in row.criterion_checks.all()}
        asked = StageCriterion.objects.filter(stage_id=row.stage_id).order_by("position", "pk")
        return [CriterionLine(criterion, checks.get(criterion.pk)) for criterion in asked]

    def _missing_fields(self, row: Opportunity, stage: Stage) -> list[str]:
        """Names of the fields that the stage requires and the opportunity lacks."""
        beside = {
            RequiredField.CONTACTS: row.contact_names,  # type: ignore[attr-defined]  # annotated by the selector
            RequiredField.COMPETITORS: row.competitor_names,  # type: ignore[attr-defined]
            RequiredField.LINES: row.lines.all(),
        }
        missing = []
        for field in map(RequiredField, stage.required_fields):
            held = bool(beside[field]) if field in beside else ON_THE_ROW[field](row)
            if held in (None, False, ""):
                missing.append(str(field.label))
        return missing

    def _rate(self, row: Opportunity) -> ExchangeRate | None:
        """The dated rate behind an amount in another currency."""
        if row.amount is None or row.currency == self.request.company.base_currency:
            return None
        return selectors.rate_behind(row, today=clock.today())

    def _past(self) -> dict[str, Any]:
        """What was known at the end of the day in the address (`as_of`)."""
        asked = self.request.GET.get("as_of", "")
        try:
            day = dt.date.fromisoformat(asked)
        except ValueError:
            return {}
        end = selectors.end_of_day(day) - dt.timedelta(microseconds=1)
        return {"as_of": day, "past": selectors.known_at(self.history, at=end)}


class OpportunityAdd(FormPage):
    """A new opportunity from a few fields; the customer may be new as well."""

    permission = "pipeline.add"
    template = "pipeline/add.html"
    title = gettext_lazy("New opportunity")
    form_class = QuickOpportunityForm
    submit_label = gettext_lazy("Create")

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Values in the address, such as the customer whose page led here."""
        names = {*QuickOpportunityForm.base_fields, "customer"}
        return {name: value for name, value in self.request.GET.items() if name in names}

    def form_kwargs(self) -> dict[str, Any]:
        """The form offers what the reader may see."""
        return {"request": self.request}

    def save(self, form: Any, *, version: int | None) -> Done:
        """Create the customer when it is new, then the opportunity."""
        given, actor, at = form.cleaned_data, self.request.user, clock.now()
        customer_id = given["customer"].pk if given["customer"] else None
        if given.get("new_customer"):
            customer_id = create_customer(actor, CustomerDraft(name=given["new_customer"], owner_id=actor.pk), at=at).pk
        draft = OpportunityDraft(
            subject=given["subject"],
            customer_id=customer_id,
            process_id=given["process"],
            amount=given["amount"],
            currency=given["currency"],
            expected_on=given["expected_on"],
            next_step=given["next_step"],
            next_step_on=given["next_step_on"],
        )
        row = services.create_opportunity(actor, draft=draft, at=at)
        address = reverse("pipeline:opportunity", args=[row.pk])
        return Done(message=_("%(name)s is in the pipeline.") % {"name": row.subject}, url=address, leave=True)


class OpportunityEdit(OpportunityAct):
    """All typed fields of an opportunity."""

    template = "pipeline/edit.html"
    title = gettext_lazy("Edit opportunity")
    heading = gettext_lazy("Edit opportunity")
    form_class = OpportunityForm
    warn_unsaved = True

    def record(self) -> Opportunity:
        """Read whole: the form holds the notes, too."""
        return (
            Opportunity.objects.visible_to(self.request.user)
            .select_related("customer", "owner")
            .get_visible(self.request.user, self.kwargs["pk"])
        )

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """The record as it is."""
        names = (*OpportunityForm.base_fields, "customer", "owner")
        return {name: getattr(record, name) for name in names}

    def form_kwargs(self) -> dict[str, Any]:
        """The form depends on the row's state."""
        return {"request": self.request, "row": self.record()}

    def save(self, form: Any, *, version: int | None) -> Done:
        """Change what was changed."""
        changes = {name: value for name, value in form.cleaned_data.items() if not form.fields[name].disabled}
        for name in ("customer", "owner"):
            if name in changes:
                changes[f"{name}_id"] = getattr(changes.pop(name), "pk", None)
        row = services.update_opportunity(
            self.request.user,
            self.kwargs["pk"],
            changes=changes,  # type: ignore[arg-type]  # its keys are the form's fields
            at=clock.now(),
            version=version,
        )
        return Done(message=_("%(name)s is saved.") % {"name": row.subject}, url=self.address)


class RowsAct(OpportunityAct):
    """A small table of an opportunity, edited as a whole."""

    template = "frame/rows.html"
    warn_unsaved = True

    def record(self) -> Opportunity:
        """The opportunity with its tables."""
        if not hasattr(self, "_row"):
            self._row = selectors.opportunity_detail(self.request.user, self.kwargs["pk"])
        return self._row

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """The table fills itself."""
        return {}


class LinesPage(RowsAct):
    """Product lines."""

    form_class = LinesForm
    heading = gettext_lazy("Products")

    def form_kwargs(self) -> dict[str, Any]:
        """The lines as they are."""
        rows = [
            {
                "product": line.product_id,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "discount_rate": line.discount_rate,
            }
            for line in self.record().lines.all()
        ]
        return {"request": self.request, "rows": rows}

    def save(self, form: Any, *, version: int | None) -> Done:
        """Replace the lines; a quantity left out is one, a price left out the list price."""
        lines = [
            LineDraft(
                product_id=row["product"].pk,
                quantity=row["quantity"] if row["quantity"] is not None else Decimal(1),
                unit_price=row["unit_price"]
                if row["unit_price"] is not None
                else row["product"].list_price or Decimal(0),
                discount_rate=row["discount_rate"] or Decimal(0),
            )
            for row in form.cleaned_rows()
        ]
        services.set_lines(self.request.user, self.kwargs["pk"], lines=lines, at=clock.now(), version=version)
        return Done(message=_("The products are saved."), url=self.address)


class MembersPage(RowsAct):
    """The team of the sale."""

    form_class = MembersForm
    heading = gettext_lazy("Team of the sale")

    def form_kwargs(self) -> dict[str, Any]:
        """The team as it is."""
        rows = [{"user": member.user_id, "split": member.split} for member in self.record().members.all()]
        return {"request": self.request, "rows": rows}

    def save(self, form: Any, *, version: int | None) -> Done:
        """Replace the team."""
        members = [MemberDraft(row["user"].pk, row["split"] or Decimal(0)) for row in form.cleaned_rows()]
        services.set_members(self.request.user, self.kwargs["pk"], members=members, version=version)
        return Done(message=_("The team is saved."), url=self.address)


class ContactsPage(OpportunityAct):
    """People at the customer who take part."""

    form_class = ContactsForm
    heading = gettext_lazy("Contacts")
    takes_request = True

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """The people as they are."""
        return {"contacts": list(self.record().people.values_list("contact_id", flat=True))}

    def save(self, form: Any, *, version: int | None) -> Done:
        """Replace the people."""
        ids = [contact.pk for contact in form.cleaned_data["contacts"]]
        services.set_contacts(self.request.user, self.kwargs["pk"], contact_ids=ids, version=version)
        return Done(message=_("The contacts are saved."), url=self.address)


class CompetitorsPage(OpportunityAct):
    """Who sells against us here."""

    form_class = CompetitorsForm
    heading = gettext_lazy("Competitors")
    takes_request = True

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """The competitors as they are."""
        return {"competitors": list(self.record().competitors.values_list("pk", flat=True))}

    def save(self, form: Any, *, version: int | None) -> Done:
        """Replace the competitors."""
        ids = [competitor.pk for competitor in form.cleaned_data["competitors"]]
        services.set_competitors(self.request.user, self.kwargs["pk"], competitor_ids=ids, version=version)
        return Done(message=_("The competitors are saved."), url=self.address)


class NextStepPage(OpportunityAct):
    """What happens next."""

    template = "pipeline/day_form.html"
    form_class = NextStepForm
    heading = gettext_lazy("Next step")

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """The step as it is."""
        row = self.record()
        return {"next_step": row.next_step, "next_step_on": row.next_step_on}

    def context(self) -> dict[str, Any]:
        """With the days that are one click away."""
        return {**super().context(), "day_field": "next_step_on", "days": days_soon(clock.today())}

    def save(self, form: Any, *, version: int | None) -> Done:
        """Set or clear the step."""
        services.set_next_step(self.request.user, self.kwargs["pk"], **form.cleaned_data, version=version)
        return Done(message=_("The next step is saved."), url=self.address)


class LogPage(NextStepPage):
    """What happened, and what comes next: one form for both."""

    form_class = LogForm
    heading = gettext_lazy("Log what happened")
    submit_label = gettext_lazy("Log it")

    def save(self, form: Any, *, version: int | None) -> Done:
        """Log it."""
        progress.log_progress(self.request.user, self.kwargs["pk"], at=clock.now(), **form.cleaned_data)
        return Done(message=_("It is on record."), url=self.address)


class ClonePage(ActionPage):
    """Start a new opportunity like this one."""

    permission = "pipeline.add"

    def act(self) -> Done:
        """Clone."""
        row = services.clone_opportunity(self.request.user, self.kwargs["pk"], at=clock.now())
        message = _("%(name)s is in the pipeline.") % {"name": row.subject}
        return Done(message=message, url=reverse("pipeline:opportunity", args=[row.pk]), leave=True)
