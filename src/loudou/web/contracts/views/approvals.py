"""Discounts beyond the policy: asked for, approved, refused; and the documents kept with a contract."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loudou.contracts.choices import FileKind
from loudou.contracts.models import DiscountRequest
from loudou.contracts.selectors import contracts as selectors
from loudou.contracts.selectors.approvals import get_request, waiting_requests
from loudou.contracts.services import approvals, attachments
from loudou.core import clock
from loudou.web.contracts.forms import DecisionForm, DocumentForm, ReasonForm
from loudou.web.contracts.views.drafting import FormOfContract
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.pages import Page


class ApprovalList(Page):
    """Requests that wait for a decision."""

    permission = "contracts.approve"
    template = "contracts/approvals.html"
    title = gettext_lazy("Discounts to approve")

    def context(self) -> dict[str, Any]:
        """The oldest first."""
        return {"requests": list(waiting_requests(self.request.user))}


class Waiting(Page):
    """How many requests wait, for the start page, which fetches it: counting them would be most of that page's cost."""

    permission = "contracts.approve"
    template = "contracts/_waiting.html"

    def context(self) -> dict[str, Any]:
        """Those that the reader may decide."""
        return {"waiting": waiting_requests(self.request.user).count()}


class DiscountAsk(FormOfContract):
    """Ask for approval of the largest discount in the draft."""

    title = gettext_lazy("Ask for approval of the discount")
    form_class = ReasonForm
    submit_label = gettext_lazy("Ask")

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Nothing is given."""
        return {}

    def save(self, form: ReasonForm, *, version: int | None) -> Done:
        """Ask."""
        approvals.request_discount(
            self.request.user, self.kwargs["pk"], reason=form.cleaned_data["reason"], at=clock.now(), version=version
        )
        return self.done(_("The discount waits for approval."))


class OfRequest:
    """Something about the request whose number is in the address."""

    request: Any
    kwargs: dict[str, Any]

    def address_of(self, row: DiscountRequest) -> str:
        """Address of its contract."""
        return reverse("contracts:contract", args=[row.contract_id])

    def asked(self) -> DiscountRequest:
        """The request. Raises NotVisible."""
        return get_request(self.request.user, self.kwargs["pk"])


class DiscountApprove(OfRequest, FormPage):
    """Allow a discount."""

    permission = "contracts.approve"
    title = gettext_lazy("Approve the discount")
    form_class = DecisionForm
    submit_label = gettext_lazy("Approve")

    def record(self) -> models.Model | None:
        """Whoever may not see the contract learns nothing of it."""
        self.asked()
        return None

    def save(self, form: DecisionForm, *, version: int | None) -> Done:
        """Approve."""
        row = self.asked()
        approvals.approve_discount(self.request.user, row.pk, reason=form.cleaned_data["reason"], at=clock.now())
        return Done(message=_("The discount is approved."), url=self.address_of(row))


class DiscountRefuse(DiscountApprove):
    """Say no, and why."""

    title = gettext_lazy("Refuse the discount")
    form_class = ReasonForm  # type: ignore[assignment]
    submit_label = gettext_lazy("Refuse")

    def save(self, form: Any, *, version: int | None) -> Done:
        """Refuse."""
        row = self.asked()
        approvals.refuse_discount(self.request.user, row.pk, reason=form.cleaned_data["reason"], at=clock.now())
        return Done(message=_("The discount is refused."), url=self.address_of(row))


class DiscountDrop(OfRequest, ActionPage):
    """Take a request back."""

    permission = "contracts.draft"

    def act(self) -> Done:
        """Drop it."""
        row = self.asked()
        approvals.drop_discount_request(self.request.user, row.pk, at=clock.now())
        return Done(message=_("The request was taken back."), url=self.address_of(row))


class FileAdd(FormOfContract):
    """Keep a document with a contract."""

    title = gettext_lazy("Attach a document")
    form_class = DocumentForm
    submit_label = gettext_lazy("Attach")

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Nothing is given."""
        return {"kind": FileKind.OTHER}

    def save(self, form: DocumentForm, *, version: int | None) -> Done:
        """Keep it."""
        file = form.cleaned_data["file"]
        row = attachments.attach_file(
            self.request.user,
            self.kwargs["pk"],
            kind=FileKind(form.cleaned_data["kind"]),
            name=file.name,
            content=file,
            limit_mb=settings.CUSTOMER_FILE_LIMIT_MB,
        )
        return self.done(_("%(name)s was attached.") % {"name": row.name})


class FileRemove(ActionPage):
    """Throw a document away that proves nothing yet."""

    permission = "contracts.draft"

    def act(self) -> Done:
        """Remove row and bytes."""
        row = selectors.get_file(self.request.user, self.kwargs["pk"])
        attachments.remove_file(self.request.user, row.pk)
        return Done(message=_("The document was removed."), url=reverse("contracts:contract", args=[row.contract_id]))
