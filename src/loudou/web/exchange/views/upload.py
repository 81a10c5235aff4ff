"""The first steps: what the rows are, which file, and how it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from loudou.core import clock
from loudou.core.refusals import BusinessRefusal
from loudou.exchange import tasks
from loudou.exchange.choices import JobStatus, Mode
from loudou.exchange.errors import FileMissing, FileTooLarge
from loudou.exchange.reading.delimited import DELIMITERS
from loudou.exchange.reading.encodings import ENCODINGS, guess_encodings
from loudou.exchange.reading.spreadsheets import sheet_names
from loudou.exchange.reading.tables import KINDS as FILE_KINDS
from loudou.exchange.reading.tables import Table
from loudou.exchange.services import jobs
from loudou.exchange.targets import KINDS
from loudou.web.exchange.wizard import ImportPage, StepPage
from loudou.web.frame.pages import Page

MEGABYTE = 1024 * 1024
PREVIEWED = 12


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
class ChooseFile(StepPage):
    """The file. Its size is looked at before a byte of it is read, hence the token is checked afterwards."""

    template = "exchange/file.html"
    title = _("Choose the file")
    step, next_step = "file", "reading"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse what is too large by what the browser announces, then go on as ever."""
        announced = request.headers.get("Content-Length", "")
        if announced.isdecimal() and int(announced) > (settings.UPLOAD_LIMIT_MB + 1) * MEGABYTE:
            raise FileTooLarge(limit=settings.UPLOAD_LIMIT_MB)
        answer: HttpResponseBase = csrf_protect(super().dispatch)(request, *args, **kwargs)
        return answer

    def context(self) -> dict[str, Any]:
        """What may be uploaded."""
        return {
            **super().context(),
            "accept": ",".join(sorted(FILE_KINDS)),
            "limit_mb": settings.UPLOAD_LIMIT_MB,
            "limit_bytes": settings.UPLOAD_LIMIT_MB * MEGABYTE,
            "too_large": str(FileTooLarge(limit=settings.UPLOAD_LIMIT_MB)),
        }

    def keep(self) -> None:
        """Keep the file."""
        content = self.request.FILES.get("file")
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


def preview_of(job: Any, data: Any) -> dict[str, Any]:
    """The first rows of the file as the choices in `data` would read them, or the sentence that says why not."""
    table = table_as(job, data)
    try:
        headers = table.headers()
        lines = [line for line in table.head(table.header_row + PREVIEWED) if line.number > table.header_row]
    except BusinessRefusal as refusal:
        return {"trouble": str(refusal)}
    width = len(headers)
    rows = [(line.number, [*line.cells[:width], *[""] * (width - len(line.cells))]) for line in lines]
    return {"headers": headers, "rows": rows[:PREVIEWED]}


def table_as(job: Any, data: Any) -> Table:
    """The file, read by the choices in `data`, else by those kept before."""
    encoding = data.get("encoding", job.encoding)
    delimiter = data.get("delimiter", job.delimiter)
    return Table(
        Path(job.file.path),
        job.file_name,
        encoding if encoding in ENCODINGS else job.encoding,
        delimiter if delimiter in DELIMITERS else job.delimiter,
        _number(data.get("sheet"), job.sheet),
        max(_number(data.get("header_row"), job.header_row), 1),
    )


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 8 else otherwise  # noqa: PLR2004 - row numbers


class ChooseReading(StepPage):
    """Encoding, separator, sheet and header row, with the first rows as they would be read."""

    template = "exchange/reading.html"
    title = _("How the file is read")
    step, next_step = "reading", "columns"

    def context(self) -> dict[str, Any]:
        """The choices, the best guesses first, and the preview."""
        job = self.job
        table = table_as(job, self.request.POST or self.request.GET)
        found = {**super().context(), "table": table, **preview_of(job, self.request.POST or self.request.GET)}
        if table.is_spreadsheet:
            return found | {"sheets": sheet_names(table.path, name=job.file_name)}
        guesses = guess_encodings(table.path)
        likely = {guess.encoding: guess.confidence for guess in guesses}
        order = [*likely, *(code for code in ENCODINGS if code not in likely)]
        return found | {
            "encodings": [(code, ENCODINGS[code], likely.get(code, 0.0)) for code in order],
            "delimiters": DELIMITERS.items(),
            "is_sure": guesses[0].confidence >= 1,
        }

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
        return {**super().context(), **preview_of(self.job, self.request.GET)}
