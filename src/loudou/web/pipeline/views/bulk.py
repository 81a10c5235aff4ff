"""One act on all selected opportunities, with a summary of what was and what was not done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.core.refusals import BusinessRefusal
from loudou.pipeline import selectors
from loudou.pipeline.services import bulk, moves
from loudou.pipeline.services.drafts import BulkOutcome as ServiceOutcome
from loudou.web.frame.actions import BulkOutcome
from loudou.web.frame.form_pages import BulkPage
from loudou.web.pipeline.bulk_forms import (
    BulkDateForm,
    BulkKindsForm,
    BulkOwnerForm,
    BulkPriorityForm,
    BulkStageForm,
    BulkStarForm,
)
from loudou.web.pipeline.forms import LoseForm, NoteForm, ReasonForm
from loudou.web.pipeline.views.rows import OpportunityList


class OpportunityBulk(BulkPage):
    """A bulk act on opportunities; rows that already are as wanted count as done."""

    permission = "pipeline.change"
    list_page = OpportunityList
    takes_request = False

    def form_kwargs(self) -> dict[str, Any]:
        """The request for forms that offer rows the reader may see."""
        return {"request": self.request} if self.takes_request else {}

    def names(self, ids: Iterable[int]) -> dict[int, str]:
        """Subjects of the rows by id, for the summary."""
        rows = selectors.visible_opportunities(self.request.user).filter(pk__in=list(ids))
        return dict(rows.values_list("pk", "subject"))

    def summary(self, ids: list[int], outcome: ServiceOutcome) -> BulkOutcome:
        """The service's outcome in words."""
        names = self.names(ids)
        done = [names.get(pk, str(pk)) for pk in (*outcome.done, *outcome.unchanged)]
        return BulkOutcome(done, [(names.get(item.id, str(item.id)), item.sentence) for item in outcome.refused])

    def one_by_one(self, ids: list[int], act: Callable[[int], object]) -> BulkOutcome:
        """Call a service per row; a refusal leaves that row alone."""
        names, outcome = self.names(ids), BulkOutcome()
        for pk in ids:
            try:
                act(pk)
            except BusinessRefusal as refusal:
                outcome.refuse(names.get(pk, str(pk)), refusal)
            else:
                outcome.done.append(names.get(pk, str(pk)))
        return outcome


class BulkMove(OpportunityBulk):
    """Into one stage."""

    title = _("Move to a stage")
    form_class = BulkStageForm
    takes_request = True

    def apply(self, ids: list[int], form: Any) -> BulkOutcome:
        """Move."""
        return self.summary(
            ids, bulk.move_opportunities(self.request.user, ids, stage_id=form.cleaned_data["stage"], at=clock.now())
        )


class BulkAssign(OpportunityBulk):
    """To one owner."""

    permission = "pipeline.assign"
    title = _("Give to another owner")
    form_class = BulkOwnerForm
    takes_request = True

    def apply(self, ids: list[int], form: Any) -> BulkOutcome:
        """Assign."""
        owner = form.cleaned_data["owner"].pk
        return self.summary(ids, bulk.assign_opportunities(self.request.user, ids, owner_id=owner, at=clock.now()))


class BulkRedate(OpportunityBulk):
    """To one day, or each by so many days."""

    title = _("Change the expected signing date")
    form_class = BulkDateForm

    def apply(self, ids: list[int], form: Any) -> BulkOutcome:
        """Re-date."""
        return self.summary(ids, bulk.redate_opportunities(self.request.user, ids, at=clock.now(), **form.cleaned_data))


class BulkPriority(OpportunityBulk):
    """One priority."""

    title = _("Set the priority")
    form_class = BulkPriorityForm

    def apply(self, ids: list[int], form: Any) -> BulkOutcome:
        """Prioritise."""
        return self.summary(
            ids, bulk.prioritise_opportunities(self.request.user, ids, at=clock.now(), **form.cleaned_data)
        )


class BulkClassify(OpportunityBulk):
    """Source and kinds."""

    title = _("Set source and kinds")
    form_class = BulkKindsForm

    def apply(self, ids: list[int], form: Any) -> BulkOutcome:
        """Classify."""
        return self.summary(
            ids, bulk.classify_opportunities(self.request.user, ids, kinds=form.chosen(), at=clock.now())
        )


class BulkStar(OpportunityBulk):
    """Follow or stop following."""

    permission = "pipeline.view"
    title = _("Star")
    form_class = BulkStarForm

    def apply(self, ids: list[int], form: Any) -> BulkOutcome:
        """Star."""
        return self.summary(ids, bulk.star_opportunities(self.request.user, ids, **form.cleaned_data))


class BulkHold(OpportunityBulk):
    """Put on hold."""

    title = _("Put on hold")
    form_class = NoteForm

    def apply(self, ids: list[int], form: Any) -> BulkOutcome:
        """Hold each."""
        note, at = form.cleaned_data["note"], clock.now()
        return self.one_by_one(ids, lambda pk: moves.hold_opportunity(self.request.user, pk, at=at, note=note))


class BulkLose(OpportunityBulk):
    """Close as lost."""

    title = _("Close as lost")
    form_class = LoseForm

    def apply(self, ids: list[int], form: Any) -> BulkOutcome:
        """Lose each."""
        given, at = form.cleaned_data, clock.now()
        return self.one_by_one(
            ids,
            lambda pk: moves.lose_opportunity(
                self.request.user, pk, loss_reason_id=given["loss_reason"], lost_to_id=given["lost_to"],
                closed_on=given["closed_on"], note=given["note"], at=at,
            ),
        )  # fmt: skip


class BulkDrop(OpportunityBulk):
    """Close as dropped: nobody won them, we stopped."""

    title = _("Drop")
    form_class = ReasonForm
    submit_label = _("Stop working on them")

    def apply(self, ids: list[int], form: Any) -> BulkOutcome:
        """Drop."""
        given = form.cleaned_data
        outcome = bulk.drop_opportunities(
            self.request.user, ids, at=clock.now(), loss_reason_id=given["loss_reason"], note=given["note"]
        )
        return self.summary(ids, outcome)
