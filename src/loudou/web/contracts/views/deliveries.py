"""Deliveries, what comes back of them, and what the customer says."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loudou.contracts.choices import AcceptanceOutcome
from loudou.contracts.models import Delivery
from loudou.contracts.selectors import contracts as selectors
from loudou.contracts.selectors.deliveries import get_delivery, open_lines, returnable
from loudou.contracts.services import deliveries
from loudou.contracts.services.drafts import AcceptanceDraft, DeliveryDraft, DeliveryLineDraft, ReturnDraft
from loudou.core import clock
from loudou.web.contracts.forms import AcceptanceForm, DeliveryForm, ReturnForm
from loudou.web.contracts.performance_words import words_of
from loudou.web.contracts.views.drafting import FormOfContract
from loudou.web.frame import formats
from loudou.web.frame.actions import Done
from loudou.web.frame.form_pages import FormPage


class DeliveryAdd(FormOfContract):
    """Post a delivery against the lines in force."""

    permission = "contracts.deliver"
    template = "contracts/delivery_form.html"
    title = gettext_lazy("Post a delivery")
    form_class = DeliveryForm
    submit_label = gettext_lazy("Post")

    def context(self) -> dict[str, Any]:
        """The title speaks of what the contract is about."""
        return {"title": words_of(self.contract().kind).posting}

    def form_kwargs(self) -> dict[str, Any]:
        """What is still open of each line, offered as the quantity."""
        terms = {row.line_id: row for row in selectors.present_version(self.contract()).terms.all()}
        lines = []
        for line in open_lines(self.contract()):
            row, left = terms.get(line.pk), line.ordered - line.delivered
            name = row.description if row else str(line.number)
            unit = row.unit if row else ""
            label = _("%(name)s (%(left)s %(unit)s open)") % {
                "name": name, "left": formats.number(left.normalize()), "unit": unit,
            }  # fmt: skip
            lines.append((line.pk, label.replace("  ", " "), left))
        return {"lines": lines, "contract_kind": self.contract().kind}

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Today."""
        return {"on": clock.today()}

    def save(self, form: DeliveryForm, *, version: int | None) -> Done:
        """Post it."""
        given = form.cleaned_data
        draft = DeliveryDraft(
            on=given["on"],
            lines=[DeliveryLineDraft(pk, quantity) for pk, quantity in form.quantities()],
            place=given["place"],
            carrier=given.get("carrier", ""),
            note=given["note"],
        )
        row = deliveries.post_delivery(self.request.user, self.kwargs["pk"], draft=draft, at=clock.now())
        return self.done(words_of(self.contract().kind).posted % {"number": row.number})


class FormOfDelivery(FormPage):
    """A form about one delivery."""

    permission = "contracts.deliver"
    section = "contracts:list"
    template = "contracts/delivery_form.html"
    _delivery: Delivery | None = None

    def delivery(self) -> Delivery:
        """The delivery, read once per request. Raises NotVisible."""
        if self._delivery is None:
            self._delivery = get_delivery(self.request.user, self.kwargs["pk"])
        return self._delivery

    def record(self) -> models.Model | None:
        """Nothing is edited: the delivery stays as it was posted."""
        self.delivery()
        return None

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Today."""
        return {"on": clock.today()}

    def done(self, message: str) -> Done:
        """Say it on the contract's page."""
        return Done(message=message, url=reverse("contracts:contract", args=[self.delivery().contract_id]))


class DeliveryReturn(FormOfDelivery):
    """Post what comes back."""

    title = gettext_lazy("Post a return")
    form_class = ReturnForm
    submit_label = gettext_lazy("Post")

    def context(self) -> dict[str, Any]:
        """The title speaks of what the contract is about."""
        return {"title": words_of(self.delivery().contract.kind).returning}

    def form_kwargs(self) -> dict[str, Any]:
        """What can still come back of each line."""
        terms = {row.line_id: row for row in selectors.present_version(self.delivery().contract).terms.all()}
        lines = []
        for line in returnable(self.delivery()):
            row = terms.get(line.row.line_id)
            name = row.description if row else str(line.row.line.number)
            if line.quantity > 0:
                lines.append((line.row.line_id, name, line.quantity))
        return {"lines": lines, "contract_kind": self.delivery().contract.kind}

    def save(self, form: ReturnForm, *, version: int | None) -> Done:
        """Post it."""
        given = form.cleaned_data
        draft = ReturnDraft(
            on=given["on"],
            reason=given["reason"],
            lines=[DeliveryLineDraft(pk, quantity) for pk, quantity in form.quantities()],
            note=given["note"],
        )
        row = deliveries.return_delivery(self.request.user, self.kwargs["pk"], draft=draft, at=clock.now())
        return self.done(words_of(self.delivery().contract.kind).taken_back % {"number": row.number})


class DeliveryAcceptance(FormOfDelivery):
    """Record what the customer says of a delivery."""

    title = gettext_lazy("Acceptance")
    template = "frame/form.html"
    form_class = AcceptanceForm
    submit_label = gettext_lazy("Record it")

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Today, accepted."""
        return {"on": clock.today(), "outcome": AcceptanceOutcome.ACCEPTED}

    def save(self, form: AcceptanceForm, *, version: int | None) -> Done:
        """Record it."""
        given = form.cleaned_data
        draft = AcceptanceDraft(
            on=given["on"], outcome=AcceptanceOutcome(given["outcome"]), person=given["person"], note=given["note"]
        )
        deliveries.record_acceptance(self.request.user, self.kwargs["pk"], draft=draft, at=clock.now())
        return self.done(_("The customer's answer is recorded."))
