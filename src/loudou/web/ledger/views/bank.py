"""Bank lines: see whose money each may be, post what a person confirms."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loudou.contracts.models import StatementLine
from loudou.contracts.selectors.bank_matching import bank_lines, proposals, statement_rows
from loudou.contracts.services import bank_statements
from loudou.contracts.services.ledger_drafts import LinePart
from loudou.core import clock
from loudou.core.refusals import NotVisible
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.pages import Page
from loudou.web.ledger.forms import ConfirmForm, ReasonForm

SHOWN = 50


class BankPage(Page):
    """Lines that a person has to decide, each with proposals; what was decided lately, below."""

    permission = "contracts.post_receipt"
    template = "ledger/bank.html"
    title = gettext_lazy("Bank statements")

    def context(self) -> dict[str, Any]:
        """The oldest first; proposals for what is shown."""
        user = self.request.user
        lines = list(bank_lines(user).to_match().order_by("booked_on", "pk")[:SHOWN])
        found = proposals(user, lines)
        return {
            "lines": [{"line": line, "proposals": found.get(line.pk, [])} for line in lines],
            "decided": list(bank_lines(user).exclude(state="open").order_by("-pk")[:SHOWN]),
            "statements": list(statement_rows(user)[:10]),
        }


class OfLine:
    """Something about the bank line whose number is in the address."""

    request: Any
    kwargs: dict[str, Any]

    def line(self) -> StatementLine:
        """The line. Raises NotVisible."""
        found = bank_lines(self.request.user).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotVisible
        return found


class LineConfirm(OfLine, FormPage):
    """Post what a person decided about a line."""

    permission = "contracts.post_receipt"
    title = gettext_lazy("Whose money is it?")
    form_class = ConfirmForm
    submit_label = gettext_lazy("Post")
    section = "ledger:bank"

    def form_kwargs(self) -> dict[str, Any]:
        """Choosers offer what the user may see."""
        return {"request": self.request}

    def record(self) -> models.Model | None:
        """Nothing is edited."""
        self.line()
        return None

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """The proposal that was chosen, and all that is left of the line."""
        line = self.line()
        known = {name: value for name, value in self.request.GET.items() if name in ("customer", "contract", "bill")}
        return {"amount": line.to_post} | known

    def save(self, form: ConfirmForm, *, version: int | None) -> Done:
        """Post it once."""
        given = form.cleaned_data
        part = LinePart(
            customer_id=given["customer"].pk,
            amount=given["amount"],
            contract_id=given["contract"].pk if given["contract"] else None,
            receipt_id=given["bill"],
        )
        rows = bank_statements.confirm_line(self.request.user, self.kwargs["pk"], parts=[part], at=clock.now())
        message = _("Receipt %(number)s is posted.") % {"number": rows[0].number}
        return Done(message=message, url=reverse("ledger:bank"))


class LineDismiss(OfLine, FormPage):
    """Say that a line is no customer's payment."""

    permission = "contracts.post_receipt"
    title = gettext_lazy("Not a customer's payment")
    form_class = ReasonForm
    submit_label = gettext_lazy("Dismiss")
    section = "ledger:bank"

    def record(self) -> models.Model | None:
        """Nothing is edited."""
        self.line()
        return None

    def save(self, form: ReasonForm, *, version: int | None) -> Done:
        """Dismiss it."""
        bank_statements.dismiss_line(self.request.user, self.kwargs["pk"], reason=form.cleaned_data["reason"])
        return Done(message=_("The line is dismissed."), url=reverse("ledger:bank"))


class LineTakeUp(OfLine, ActionPage):
    """Take a dismissed line up again."""

    permission = "contracts.post_receipt"

    def act(self) -> Done:
        """Take it up."""
        bank_statements.take_up_line(self.request.user, self.line().pk)
        return Done(message=_("The line waits to be matched again."), url=reverse("ledger:bank"))
