"""The first steps: what the rows are, which file, and how it is read."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from loudou.core import clock
from loudou.exchange import tasks
from loudou.exchange.choices import JobStatus, Mode
from loudou.exchange.errors import FileMissing
from loudou.exchange.services import jobs
from loudou.exchange.targets import KINDS
from loudou.web.exchange.uploading import TakesFile, preview_of, reading_choices, table_as
from loudou.web.exchange.wizard import ImportPage, StepPage
from loudou.web.frame.pages import Page


class ChooseKind(Page):
    """What the rows are, and whether they make new records, change known ones, or both."""

    permission = "exchange.import"
    template = "exchange/kind.html"
    title = _("Import a file")
    section = "exchange:import_list"

    def context(self) -> dict[str, Any]:
        """Kinds that the user may write."""
        user = self.request.user
        usable = [kind for kind in KINDS.values() if user.has_permission(kind.creates_with)]
        chosen = self.request.GET.get("kind", "")
        return {
            "kinds": usable,
            "modes": Mode.choices,
            "chosen": chosen if chosen in KINDS else usable[0].code if usable else "",
        }

    def breadcrumbs(self) -> list[tuple[Any, str]]:
        """The list of imports."""
        return [(_("Imports"), reverse("exchange:import_list"))]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Begin the import and go on to its file."""
        kind, mode = request.POST.get("kind", ""), request.POST.get("mode", "")
        if kind not in KINDS or mode not in Mode.values:
            return self.render(status=422)
        job = jobs.create_import(self.request.user, kind=kind, mode=mode)
        return HttpResponseRedirect(reverse("exchange:file", args=[job.pk]))


@method_decorator(csrf_exempt, name="dispatch")
class ChooseFile(TakesFile, StepPage):
    """The file."""

    template = "exchange/file.html"
    title = _("Choose the file")
    step, next_step = "file", "reading"

    def context(self) -> dict[str, Any]:
        """What may be uploaded."""
        return {**super().context(), **self.limits()}

    def keep(self) -> None:
        """Keep the file."""
        content = self.sent()
        if content is None:
            if self.job.file:
                return
            raise FileMissing
        jobs.attach_file(
            self.request.user,
            self.job.pk,
            content=content,
            name=content.name or "",
            limit_mb=settings.UPLOAD_LIMIT_MB,
        )


class ChooseReading(StepPage):
    """Encoding, separator, sheet and header row, with the first rows as they would be read."""

    template = "exchange/reading.html"
    title = _("How the file is read")
    step, next_step = "reading", "columns"

    def context(self) -> dict[str, Any]:
        """The choices, the best guesses first, and the preview."""
        table = table_as(self.job, self.request.POST or self.request.GET)
        return {**super().context(), **reading_choices(table), **preview_of(table)}

    def keep(self) -> None:
        """Read the file so."""
        table = table_as(self.job, self.request.POST)
        job = jobs.choose_reading(
            self.request.user,
            self.job.pk,
            encoding=table.encoding,
            delimiter=table.delimiter,
            sheet=table.sheet,
            header_row=table.header_row,
            at=clock.now(),
        )
        if job.status == JobStatus.READING:
            tasks.carry_on(job)


class Preview(ImportPage):
    """The preview alone, while the choices change."""

    template = "exchange/_preview.html"

    def context(self) -> dict[str, Any]:
        """The first rows."""
        if not self.job.file:
            return super().context()
        return {**super().context(), **preview_of(table_as(self.job, self.request.GET))}
