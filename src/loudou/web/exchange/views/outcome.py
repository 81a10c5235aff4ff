"""Running an import, watching it, its result, its undoing, and the list of past imports."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRedirect

from loudou.core import clock
from loudou.exchange import selectors, tasks
from loudou.exchange.choices import JobStatus, ObjectKind, RowStatus
from loudou.exchange.services import jobs
from loudou.exchange.services.repeating import repeat_import
from loudou.web.exchange.wizard import ImportPage
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.pages import Page

PER_PAGE = 25
LINKED = (RowStatus.CREATED, RowStatus.UPDATED, RowStatus.LINE, RowStatus.KEPT)
"""Rows whose record is there to be looked at."""

COUNTED = (
    RowStatus.CREATED,
    RowStatus.UPDATED,
    RowStatus.LINE,
    RowStatus.SKIPPED,
    RowStatus.FAILED,
    RowStatus.UNDONE,
    RowStatus.KEPT,
)
FIRST = (RowStatus.FAILED, RowStatus.KEPT, RowStatus.CREATED, RowStatus.UPDATED, RowStatus.SKIPPED, RowStatus.UNDONE)
"""Which rows a result shows at first: those that need somebody, else those that were made."""

SHOWS: dict[str, str] = {
    ObjectKind.CUSTOMERS: "customers:customer",
    ObjectKind.CONTACTS: "customers:contact",
    ObjectKind.OPPORTUNITIES: "pipeline:opportunity",
    ObjectKind.STAGE_HISTORY: "pipeline:opportunity",
    ObjectKind.PRODUCTS: "customers:product",
    ObjectKind.USERS: "people:user",
    ObjectKind.CONTRACTS: "contracts:contract",
    ObjectKind.PAYMENT_PLANS: "ledger:contract_money",
    ObjectKind.INVOICES: "ledger:invoice",
    ObjectKind.RECEIPTS: "ledger:receipt",
}
"""Where the records of a kind are shown; a delivery has no page of its own."""


class ImportList(Page):
    """Past imports, newest first."""

    permission = "exchange.import"
    template = "exchange/list.html"
    title = gettext_lazy("Imports")

    def context(self) -> dict[str, Any]:
        """One page of them."""
        page = Paginator(selectors.imports(self.request.user), PER_PAGE).get_page(self.request.GET.get("page"))
        return {"imports": page, "done": [(job, job.counts.get("run", {})) for job in page]}


class Outcome(ImportPage):
    """An import that runs or ran: progress, counts, reasons, rows, undo. One that is being set up leads to its step."""

    template = "exchange/outcome.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show it, or the step that is due."""
        job = self.job
        if job.started_at is None and job.status != JobStatus.READING:
            return HttpResponseRedirect(self.address(_due(job)))
        self.title = str(job)
        return self.render()

    def context(self) -> dict[str, Any]:
        """Counts and rows."""
        job, user = self.job, self.request.user
        counts = selectors.status_counts(job)
        shown = self.request.GET.get("show") or next((s for s in FIRST if counts.get(s)), RowStatus.FAILED)
        rows = selectors.rows_with(job, status=shown, dry=False)
        return {
            **super().context(),
            "counts": [(status, status.label, counts[status.value]) for status in COUNTED if counts.get(status.value)],
            "shown": shown,
            "reasons": [] if job.is_busy else selectors.reasons(job),
            "rows": Paginator(rows, 50).get_page(self.request.GET.get("page")),
            "record_url": SHOWS.get(job.kind, "") if shown in LINKED else "",
            "may_undo": user.has_permission("exchange.undo") and not job.is_busy and _has_written(counts),
            "waiting_for_links": user.has_permission("people.manage")
            and selectors.without_password(selectors.made_users(job)),
            # An undo that had to wait is not carried on as an import.
            "may_continue": not counts.get(RowStatus.UNDONE)
            and (
                job.status in (JobStatus.STOPPED, JobStatus.PAUSED, JobStatus.FAILED)
                or (job.status == JobStatus.DONE and job.rows.filter(status=RowStatus.PENDING).exists())
            ),
        }


def _has_written(counts: dict[str, int]) -> bool:
    return bool(counts.get(RowStatus.CREATED) or counts.get(RowStatus.UPDATED))


def _due(job: Any) -> str:
    if not job.file:
        return "file"
    if not job.total:
        return "reading"
    if job.status in (JobStatus.CHECKING, JobStatus.READY):
        return "check"
    return "columns"


class Progress(ImportPage):
    """How far the worker is; leads on when it is done."""

    template = "exchange/_progress.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The bar alone, or the way to the next page."""
        if self.job.is_busy:
            return self.render()
        if self.job.started_at is None:
            return HttpResponseClientRedirect(
                self.address(_due(self.job) if self.job.status != JobStatus.FAILED else "reading")
            )
        return HttpResponseClientRedirect(self.address(""))

    def context(self) -> dict[str, Any]:
        """Whether a worker seems to be at work."""
        beat = self.job.beat_at
        silent = beat is not None and (clock.now() - beat) > tasks.SILENCE
        return {**super().context(), "is_silent": silent}


class ActOnImport(ActionPage):
    """An act on one import."""

    permission = "exchange.import"

    def lead(self, step: str = "import") -> Done:
        """Lead to a page of the import."""
        return Done(url=reverse(f"exchange:{step}", args=[self.kwargs["pk"]]), leave=True)


class Run(ActOnImport):
    """Start, or carry on."""

    def act(self) -> Done:
        """Run it."""
        tasks.carry_on(jobs.request_run(self.request.user, self.kwargs["pk"], at=clock.now()))
        return self.lead()


class Stop(ActOnImport):
    """Stop after the present batch."""

    def act(self) -> Done:
        """Ask for it."""
        job = jobs.request_stop(self.request.user, self.kwargs["pk"])
        return self.lead("check" if job.started_at is None else "import")


class Repeat(ActOnImport):
    """Set the same file up once more, with the same choices."""

    def act(self) -> Done:
        """Lead to its dry run, or to the reading of a large file."""
        job = repeat_import(self.request.user, self.kwargs["pk"], at=clock.now())
        if job.status == JobStatus.READING:
            tasks.carry_on(job)
        return Done(url=reverse("exchange:import", args=[job.pk]), leave=True)


class Undo(ActOnImport):
    """Take everything back."""

    permission = "exchange.undo"

    def act(self) -> Done:
        """Start undoing."""
        tasks.carry_on(jobs.request_undo(self.request.user, self.kwargs["pk"], at=clock.now()))
        return self.lead()


class Discard(ActOnImport):
    """Throw away an import that has not written anything."""

    def act(self) -> Done:
        """Discard it."""
        jobs.discard_import(self.request.user, self.kwargs["pk"])
        return Done(message=_("The import was discarded."), url=reverse("exchange:import_list"), leave=True)
