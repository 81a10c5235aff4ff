"""Steps about the file's own words: what the columns are, what unknown values mean, and the dry run."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.core.refusals import NotVisible
from loudou.exchange import selectors, tasks
from loudou.exchange.choices import JobStatus, Reconcile, RowStatus
from loudou.exchange.services import correcting, jobs
from loudou.exchange.services.directory import Directory
from loudou.exchange.services.staging import samples
from loudou.exchange.targets import KINDS
from loudou.exchange.values.texts import same
from loudou.web.exchange.wizard import ImportPage, StepPage

ROWS_PER_PAGE = 50


class MapColumns(StepPage):
    """Which column goes where; proposed by headings or as remembered, with samples beside."""

    template = "exchange/columns.html"
    title = _("What the columns are")
    step, next_step, needs = "columns", "matching", "total"

    def context(self) -> dict[str, Any]:
        """Columns with their samples, and targets to choose from."""
        job = self.job
        kind = KINDS[job.kind]
        posted = self.request.POST if self.request.method == "POST" else None
        found = samples(job)
        columns = [
            {
                "number": column,
                "header": header,
                "samples": found[column],
                "chosen": posted.get(f"column-{column}", "") if posted else job.mapping.get(str(column), ""),
            }
            for column, header in enumerate(job.headers)
        ]
        directory = Directory(self.request.user)
        defaults = [
            {
                "target": target,
                "text": posted.get(f"default-{target.code}", "") if posted else job.defaults.get(target.code, ""),
                "offered": selectors.offered_names(directory, target),
                "is_closed": target.choices is not None,
            }
            for target in kind.targets
        ]
        return {
            **super().context(),
            "columns": columns,
            "targets": kind.targets,
            "defaults": defaults,
            "has_defaults": any(default["text"] for default in defaults),
            "mapped": sum(1 for column in columns if column["chosen"]),
        }

    def keep(self) -> None:
        """Keep the mapping."""
        posted = self.request.POST
        mapping = {column: posted.get(f"column-{column}", "") for column in range(len(self.job.headers))}
        defaults = {
            name.removeprefix("default-"): str(text) for name, text in posted.items() if name.startswith("default-")
        }
        jobs.map_columns(self.request.user, self.job.pk, mapping=mapping, defaults=defaults)


class ReconcileValues(StepPage):
    """Values of the file that name nothing known: the person says what each of them means."""

    template = "exchange/values.html"
    title = _("Values that are not known here")
    step, next_step, needs = "values", "check", "mapping"

    def context(self) -> dict[str, Any]:
        """The unknown values, with what resembles them."""
        return {
            **super().context(),
            "groups": selectors.unknown_values(self.job, self.request.user),
            "choices": Reconcile,
        }

    def keep(self) -> None:
        """Keep the decisions, and start the dry run."""
        posted = self.request.POST
        asked = {
            name.removeprefix("code-"): (str(code), same(posted.get(name.replace("code-", "text-", 1), "")))
            for name, code in posted.items()
            if name.startswith("code-")
        }
        shown = set(asked.values())
        # What was decided before about values that the page had no room for, or that are known by now, stays decided.
        decisions: dict[str, dict[str, dict[str, str]]] = {
            code: {text: decision for text, decision in decided.items() if (code, text) not in shown}
            for code, decided in self.job.reconciled.items()
        }
        for number, (code, text) in asked.items():
            do, to = posted.get(f"do-{number}", ""), posted.get(f"to-{number}", "").strip()
            if do in Reconcile.values and (do != Reconcile.MAP or to):
                decisions.setdefault(code, {})[text] = {"do": do, "to": to}
        jobs.reconcile(self.request.user, self.job.pk, decisions=decisions)
        tasks.carry_on(jobs.request_check(self.request.user, self.job.pk, at=clock.now()))


class Check(StepPage):
    """What the dry run found: counts, reasons, failing rows to correct in place or to download."""

    template = "exchange/check.html"
    title = _("Dry run")
    step, next_step, needs = "check", "check", "mapping"

    def context(self) -> dict[str, Any]:
        """Counts and failing rows."""
        job = self.job
        counts = job.counts.get("check", {})
        first = next((status for status in FIRST if counts.get(status.value)), RowStatus.FAILED)
        shown = self.request.GET.get("show", first)
        shown = shown if shown in RowStatus.values else first
        rows = selectors.rows_with(job, status=shown, dry=True)
        return {
            **super().context(),
            "counts": [
                (status, WOULD.get(status, status.label), counts.get(status.value, 0))
                for status in COUNTED
                if status in ALWAYS or counts.get(status.value)
            ],
            "waiting": job.rows.filter(verdict="").exists() if job.status != JobStatus.CHECKING else False,
            "shown": shown,
            "reasons": selectors.reasons(job) if job.status == JobStatus.READY else [],
            "rows": Paginator(rows, ROWS_PER_PAGE).get_page(self.request.GET.get("page")),
            "will_write": counts.get(RowStatus.CREATED, 0) + counts.get(RowStatus.UPDATED, 0),
        }

    def keep(self) -> None:
        """Try again, after corrections."""
        tasks.carry_on(jobs.request_check(self.request.user, self.job.pk, at=clock.now()))


COUNTED = (RowStatus.CREATED, RowStatus.UPDATED, RowStatus.LINE, RowStatus.SKIPPED, RowStatus.FAILED)
FIRST = (RowStatus.FAILED, RowStatus.CREATED, RowStatus.UPDATED, RowStatus.SKIPPED)
WOULD = {
    RowStatus.CREATED: _("New records"),
    RowStatus.UPDATED: _("Changed records"),
    RowStatus.SKIPPED: _("Rows to be skipped"),
    RowStatus.FAILED: _("Rows that fail"),
}
"""What the counts are called before anything is written."""

ALWAYS = (RowStatus.CREATED, RowStatus.UPDATED, RowStatus.SKIPPED, RowStatus.FAILED)


class EditRow(ImportPage):
    """Correct the cells of one row in place."""

    template = "exchange/_row.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The row as a form, in place of the row."""
        return self.render(row=self._found(), is_edited=True)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the cells and show the row again; it waits for the next dry run."""
        row = self._found()
        cells = [request.POST.get(f"cell-{column}", "") for column in range(max(len(self.job.headers), len(row.cells)))]
        row = correcting.edit_row(self.request.user, self.job.pk, row.number, cells=cells)
        return self.render(row=row, is_edited=False, is_waiting=True)

    def _found(self) -> Any:
        row = self.job.rows.filter(number=self.kwargs["number"]).first()
        if row is None:
            raise NotVisible
        return row
