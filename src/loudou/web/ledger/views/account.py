"""A customer's statement of account: on screen, and as the paper that is sent to the customer."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from loudou.contracts.account_papers import MOVES
from loudou.contracts.selectors.account import AccountLine, Move, accounts_of
from loudou.contracts.services.documents import account_pdf
from loudou.core import clock
from loudou.core.refusals import NotVisible
from loudou.customers.selectors import get_customer
from loudou.web.frame.pages import Page


class AccountPage(Page):
    """What was billed and paid from one day to another, line by line, with the balance after each."""

    permission = "contracts.view"
    template = "ledger/account.html"
    section = "customers:customer_list"

    def breadcrumbs(self) -> list[tuple[Any, str]]:
        """The customer's money."""
        customer = get_customer(self.request.user, self.kwargs["pk"])
        return [(_("Money of %(name)s") % {"name": customer}, reverse("ledger:customer", args=[customer.pk]))]

    def context(self) -> dict[str, Any]:
        """The accounts by currency."""
        customer = get_customer(self.request.user, self.kwargs["pk"])
        since, until = span_of(self.request)
        self.title = _("Statement of account of %(name)s") % {"name": customer}
        found = accounts_of(self.request.user, customer.pk, since=since, until=until, today=clock.today())
        query = urlencode({"since": since, "until": until})
        return {
            "title": self.title,
            "customer": customer,
            "since": since,
            "until": until,
            "today": clock.today(),
            "accounts": [{"account": each, "rows": [_row(line) for line in each.lines]} for each in found],
            "months": _months(clock.today()),
            "papers": [
                {"label": label, "url": f"{reverse('ledger:account_pdf', args=[customer.pk, language])}?{query}"}
                for language, label in (("zh-hans", _("PDF in Chinese")), ("en", _("PDF in English")))
            ],
        }


class AccountPdf(Page):
    """The statement of account as PDF, in the language of the address."""

    permission = "contracts.view"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Lay it out."""
        language = self.kwargs["language"]
        if language not in ("en", "zh-hans"):
            raise NotVisible
        since, until = span_of(request)
        paper = account_pdf(
            self.request.user, self.kwargs["pk"], since=since, until=until, language=language, today=clock.today()
        )
        headers = {
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=paper.name) or "attachment",
            "Cache-Control": "private, no-store",
        }
        return HttpResponse(paper.content, content_type="application/pdf", headers=headers)


def span_of(request: HttpRequest) -> tuple[dt.date, dt.date]:
    """The days of the address; without them this month up to today. The first never comes after the last."""
    today = clock.today()
    until = _day(request.GET.get("until", "")) or today
    since = _day(request.GET.get("since", "")) or until.replace(day=1)
    return min(since, until), until


def _day(given: str) -> dt.date | None:
    try:
        return parse_date(given)
    except ValueError:
        return None


def _months(today: dt.date) -> list[dict[str, Any]]:
    """This month, the last one and this year, for one click."""
    first = today.replace(day=1)
    last = first - dt.timedelta(days=1)
    spans = (
        (_("This month"), first, today),
        (_("Last month"), last.replace(day=1), last),
        (_("This year"), today.replace(month=1, day=1), today),
    )
    return [{"label": label, "query": urlencode({"since": since, "until": until})} for label, since, until in spans]


def _row(line: AccountLine) -> dict[str, Any]:
    page = "ledger:invoice" if line.move in (Move.INVOICE, Move.RED_INVOICE) else "ledger:receipt"
    return {
        "on": line.on,
        "what": MOVES[line.move],
        "number": line.number,
        "url": reverse(page, args=[line.pk]),
        "contract": line.contract,
        "charge": line.amount if line.amount > 0 else None,
        "credit": -line.amount if line.amount < 0 else None,
        "balance": line.balance,
    }
