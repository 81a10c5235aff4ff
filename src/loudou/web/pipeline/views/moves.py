"""Moving, winning, losing and everything else that happens to one opportunity; dialogs and places to drop a card."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import BadRequest
from django.db import models
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loudou.core import clock
from loudou.core.phrases import in_a_row
from loudou.pipeline import selectors
from loudou.pipeline.errors import CriteriaUnmet
from loudou.pipeline.models import Opportunity
from loudou.pipeline.selectors.narrowing import last_day
from loudou.pipeline.services import moves
from loudou.pipeline.services import opportunities as services
from loudou.pipeline.services.drafts import MoveResult
from loudou.web.frame import formats
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.form_pages import FormPage
from loudou.web.pipeline.forms import DateForm, EvidenceForm, LoseForm, NoteForm, ReasonForm, StageForm, WinForm
from loudou.web.pipeline.quick_days import ends_of_months

if TYPE_CHECKING:
    from loudou.web.frame.form_pages import AnyForm


class OpportunityAct(FormPage):
    """A form about one opportunity."""

    permission = "pipeline.change"
    takes_request: ClassVar[bool] = False
    warn_unsaved = False
    heading: str | Promise = ""

    def record(self) -> Opportunity:
        """The opportunity, with what the form needs."""
        if not hasattr(self, "_row"):
            self._row = selectors.opportunity_rows(self.request.user).get_visible(self.request.user, self.kwargs["pk"])
        return self._row

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Forms of acts begin with what the address says."""
        return {name: value for name, value in self.request.GET.items() if name in self.form_class.base_fields}

    def form_kwargs(self) -> dict[str, Any]:
        """The request for forms that offer rows the reader may see."""
        return {"request": self.request} if self.takes_request else {}

    def context(self) -> dict[str, Any]:
        """Title with the opportunity's name."""
        return {"title": self.heading, "opportunity": self.record()}

    @property
    def address(self) -> str:
        """Address of the opportunity's page."""
        return reverse("pipeline:opportunity", args=[self.kwargs["pk"]])


class GuardedAct(OpportunityAct):
    """An act that exit criteria may block: the dialog then lists what is missing and asks for a reason to pass."""

    template = "pipeline/guarded.html"
    takes_request = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Act, or show what is missing."""
        try:
            return super().post(request, *args, **kwargs)
        except CriteriaUnmet as refusal:
            row = self.record()
            return self.show(self.form, row, version=row.version, status=409, unmet=refusal.unmet, guard=refusal)


class MovePage(GuardedAct):
    """Put an opportunity into another stage: by the menu of its card, by its stage bar, or by dropping the card."""

    form_class = StageForm
    submit_label = gettext_lazy("Move")

    @property
    def heading(self) -> str:  # type: ignore[override]
        """What the dialog is about."""
        return _("Move %(name)s") % {"name": self.record().subject}

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """The present stage, or the one in the address."""
        asked = self.request.GET.get("stage", "")
        return {"stage": int(asked) if asked.isdecimal() else self.record().stage_id}

    def form_kwargs(self) -> dict[str, Any]:
        """Stages of the opportunity's process."""
        return {"request": self.request, "row": self.record()}

    def save(self, form: Any, *, version: int | None) -> Done:
        """Move, and name what was missing when the process only warns."""
        given = form.cleaned_data
        result = moves.move_opportunity(
            self.request.user, self.kwargs["pk"], stage_id=given["stage"], at=clock.now(),
            note=given["note"], waiver=given.get("waiver", ""), version=version,
        )  # fmt: skip
        stage = result.opportunity.stage.label
        return _told(
            result,
            _("%(name)s is now in %(stage)s.") % {"name": result.opportunity.subject, "stage": stage},
            self.address,
        )


class WinPage(GuardedAct):
    """Close as won."""

    form_class = WinForm
    heading = gettext_lazy("Won")
    submit_label = gettext_lazy("Close as won")

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Amount and contract number as far as they are known."""
        return {"amount": self.record().amount, "contract_reference": self.record().contract_reference}

    def form_kwargs(self) -> dict[str, Any]:
        """The sale: its currency, and whether its amount is a sum."""
        return {"request": self.request, "row": self.record()}

    def save(self, form: Any, *, version: int | None) -> Done:
        """Win, and go on to the contract if that is wanted."""
        given = form.cleaned_data
        result = moves.win_opportunity(
            self.request.user, self.kwargs["pk"], at=clock.now(), closed_on=given["closed_on"],
            amount=given["amount"], contract_reference=given["contract_reference"], note=given["note"],
            waiver=given.get("waiver", ""), version=version,
        )  # fmt: skip
        done = _told(
            result, _("%(name)s is won. Congratulations!") % {"name": result.opportunity.subject}, self.address
        )
        if given.get("draft_next"):
            return replace(done, url=reverse("contracts:from_opportunity", args=[self.kwargs["pk"]]), leave=True)
        return done


def _told(result: MoveResult, message: str, address: str) -> Done:
    """Say what happened, and as a warning what was still missing."""
    if not result.unmet:
        return Done(message=message, url=address)
    missing = _("Still missing: %(names)s.") % {"names": in_a_row(item.name for item in result.unmet)}
    return Done(message=f"{message} {missing}", url=address, level="warning")


class LosePage(OpportunityAct):
    """Close as lost: the reason, and who won it."""

    form_class = LoseForm
    heading = gettext_lazy("Lost")
    submit_label = gettext_lazy("Close as lost")

    def save(self, form: Any, *, version: int | None) -> Done:
        """Lose."""
        given = form.cleaned_data
        result = moves.lose_opportunity(
            self.request.user, self.kwargs["pk"], loss_reason_id=given["loss_reason"], lost_to_id=given["lost_to"],
            closed_on=given["closed_on"], note=given["note"], at=clock.now(), version=version,
        )  # fmt: skip
        return Done(message=_("%(name)s is closed as lost.") % {"name": result.opportunity.subject}, url=self.address)


class DropPage(OpportunityAct):
    """Close as dropped: nobody won it, we stopped."""

    form_class = ReasonForm
    heading = gettext_lazy("Drop")
    submit_label = gettext_lazy("Stop working on it")

    def save(self, form: Any, *, version: int | None) -> Done:
        """Drop."""
        given = form.cleaned_data
        result = moves.drop_opportunity(
            self.request.user,
            self.kwargs["pk"],
            at=clock.now(),
            loss_reason_id=given["loss_reason"],
            note=given["note"],
            version=version,
        )
        return Done(message=_("%(name)s is dropped.") % {"name": result.opportunity.subject}, url=self.address)


class HoldPage(OpportunityAct):
    """Put on hold."""

    form_class = NoteForm
    heading = gettext_lazy("Put on hold")
    submit_label = gettext_lazy("Put on hold")

    def save(self, form: Any, *, version: int | None) -> Done:
        """Hold."""
        note = form.cleaned_data["note"]
        result = moves.hold_opportunity(
            self.request.user, self.kwargs["pk"], at=clock.now(), note=note, version=version
        )
        return Done(
            message=_("%(name)s is on hold: it left funnel and forecast.") % {"name": result.opportunity.subject},
            url=self.address,
        )


class ResumePage(OpportunityAct):
    """Work on it again."""

    form_class = NoteForm
    heading = gettext_lazy("Resume")
    submit_label = gettext_lazy("Resume")

    def save(self, form: Any, *, version: int | None) -> Done:
        """Resume."""
        note = form.cleaned_data["note"]
        result = moves.resume_opportunity(
            self.request.user, self.kwargs["pk"], at=clock.now(), note=note, version=version
        )
        return Done(message=_("%(name)s is open again.") % {"name": result.opportunity.subject}, url=self.address)


class ReopenPage(OpportunityAct):
    """Open a closed opportunity again."""

    form_class = NoteForm
    heading = gettext_lazy("Open again")
    submit_label = gettext_lazy("Open again")

    def save(self, form: Any, *, version: int | None) -> Done:
        """Reopen in the stage it was closed in."""
        note = form.cleaned_data["note"]
        result = moves.reopen_opportunity(
            self.request.user, self.kwargs["pk"], at=clock.now(), note=note, version=version
        )
        return Done(message=_("%(name)s is open again.") % {"name": result.opportunity.subject}, url=self.address)


class RedatePage(OpportunityAct):
    """Expect the signing on another day: a form, or a card dropped on a month or a day.

    A card dropped on a month keeps its day of the month when that lies ahead, else takes the month's last day.
    """

    template = "pipeline/day_form.html"
    form_class = DateForm
    heading = gettext_lazy("Expected signing date")

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """The date as it is."""
        return {"expected_on": self.record().expected_on}

    def context(self) -> dict[str, Any]:
        """With the days that are one click away."""
        return {**super().context(), "day_field": "expected_on", "days": ends_of_months(clock.today())}

    def make_form(self, record: models.Model | None, data: Any = None) -> AnyForm:
        """Turn a month that a card was dropped on into a day."""
        if data is not None and data.get("month"):
            data = data.copy()
            data["expected_on"] = self._day_in(data["month"]).isoformat()
        return super().make_form(record, data)

    def _day_in(self, text: str) -> dt.date:
        try:
            month = dt.date.fromisoformat(text)
        except ValueError:
            raise BadRequest from None
        last, present = last_day(month), self.record().expected_on
        if present is None:
            return last
        day = month.replace(day=min(present.day, last.day))
        return day if day >= clock.today() else last

    def save(self, form: Any, *, version: int | None) -> Done:
        """Re-date."""
        day = form.cleaned_data["expected_on"]
        row = services.update_opportunity(
            self.request.user, self.kwargs["pk"], changes={"expected_on": day}, at=clock.now(), version=version
        )
        message = _("%(name)s is now expected on %(day)s.") % {"name": row.subject, "day": formats.date(day)}
        return Done(message=message, url=self.address)


class MeetPage(OpportunityAct):
    """Check off an exit criterion, with evidence."""

    form_class = EvidenceForm
    heading = gettext_lazy("Check off")
    submit_label = gettext_lazy("It is met")

    def save(self, form: Any, *, version: int | None) -> Done:
        """Record that it is met."""
        moves.meet_criterion(
            self.request.user, self.kwargs["pk"], criterion_id=self.kwargs["criterion"],
            evidence=form.cleaned_data["evidence"], at=clock.now(),
        )  # fmt: skip
        return Done(message=_("Checked off."), url=self.address)


class UnmeetPage(ActionPage):
    """Take the check back."""

    permission = "pipeline.change"

    def act(self) -> Done:
        """Record that it is not met."""
        moves.unmeet_criterion(self.request.user, self.kwargs["pk"], criterion_id=self.kwargs["criterion"])
        return Done(
            message=_("The check is taken back."), url=reverse("pipeline:opportunity", args=[self.kwargs["pk"]])
        )
