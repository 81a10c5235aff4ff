"""A bank's file from upload to reading in: what its columns are, a look at what it would bring, then all or nothing."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from loudou.contracts.accounts import account_key
from loudou.contracts.selectors.bank_matching import known_accounts
from loudou.core import clock
from loudou.core.refusals import BusinessRefusal, InvalidInput
from loudou.exchange import statement_look
from loudou.exchange.bank_files import Manner, date_order_of, read_movements
from loudou.exchange.choices import DateOrder, DecimalMark, ExportFormat
from loudou.exchange.errors import FileMissing
from loudou.exchange.exports import ExportColumn
from loudou.exchange.models import StatementFile
from loudou.exchange.reading.tables import Table
from loudou.exchange.services import statement_files
from loudou.exchange.services.uploads import signature
from loudou.exchange.targets.bank import BANK_TARGETS, CODES, label_of, lacks, propose_bank_columns
from loudou.exchange.understanding import SHOWN
from loudou.web.exchange.uploading import TakesFile, preview_of, reading_choices, table_as
from loudou.web.exchange.wizard import WizardStep
from loudou.web.frame import exporting
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.form_pages import place_errors
from loudou.web.frame.pages import Page
from loudou.web.ledger.forms import StatementForm

PERMISSION = "contracts.post_receipt"
WAY = (("file", _("File")), ("columns", _("Columns")), ("look", _("Look before reading in")))
UNDERSTOOD = 5
LISTED = 200
"""Rows listed on the page; the others are in the files to download."""


class OfFile:
    """Something about the bank's file whose number is in the address."""

    request: Any
    kwargs: dict[str, Any]

    @functools.cached_property
    def record(self) -> StatementFile:
        """The file. Raises NotVisible."""
        files = StatementFile.objects.select_related("format", "statement")
        return files.get_visible(self.request.user, self.kwargs["pk"])


class StatementStep(WizardStep):
    """A step on the way of a bank's file."""

    permission = PERMISSION
    section = "ledger:bank"
    way = WAY

    def address(self, step: str) -> str:
        """Address of a step."""
        if step == "file":
            return reverse("ledger:statement_add")
        return reverse(f"ledger:statement_{step}", args=[self.kwargs["pk"]])

    def breadcrumbs(self) -> list[tuple[str | Promise, str]]:
        """The bank lines."""
        return [(_("Bank statements"), reverse("ledger:bank"))]


@method_decorator(csrf_exempt, name="dispatch")
class StatementAdd(TakesFile, StatementStep):
    """The file, and the account it is of."""

    template = "ledger/statement_file.html"
    title = _("Read in a bank statement")
    step = "file"

    @functools.cached_property
    def form(self) -> StatementForm:
        """Bound once something was sent."""
        sent = self.request.POST if self.request.method == "POST" else None
        accounts = known_accounts(self.request.user)
        only = next(iter(accounts)) if len(accounts) == 1 else ""
        return StatementForm(sent, request=self.request, initial={"account": only})

    def context(self) -> dict[str, Any]:
        """Accounts that are known, files that wait, and what is remembered."""
        user = self.request.user
        formats = [(known, _columns_in_words(known)) for known in statement_look.account_formats(user)]
        company = self.request.company
        accounts = {account_key(name): name for name in (company.bank_account, *known_accounts(user)) if name}
        return {
            **super().context(),
            **self.limits(),
            "form": self.form,
            "accounts": sorted(accounts.values()),
            "unfinished": list(statement_look.unfinished_files(user)[:LISTED]),
            "formats": formats,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the file; one like the last of its account goes straight to the look."""
        if not self.form.is_valid():
            return self.render(status=422)
        content = self.sent()
        try:
            if content is None:
                raise FileMissing
            record = statement_files.begin_statement_file(
                self.request.user,
                content=content,
                name=content.name or "",
                limit_mb=settings.UPLOAD_LIMIT_MB,
                **self.form.cleaned_data,
            )
        except InvalidInput as refusal:
            place_errors(self.form, refusal)
            return self.render(status=refusal.status)
        except BusinessRefusal as refusal:
            return self.refused(refusal)
        step = "look" if record.format_id else "columns"
        return HttpResponseRedirect(reverse(f"ledger:statement_{step}", args=[record.pk]))


class FileStep(OfFile, StatementStep):
    """A step about a file that is kept; one that was read in leads to the bank lines."""

    def elsewhere(self) -> str:
        """The bank lines, when the file was read in."""
        return reverse("ledger:bank") if self.record.statement_id else ""

    def context(self) -> dict[str, Any]:
        """The file."""
        return {**super().context(), "file": self.record}


class StatementColumns(FileStep):
    """How the file is read and what its columns are, with what comes of it beside."""

    template = "ledger/statement_columns.html"
    title = _("What the columns are")
    step = "columns"

    def following(self) -> str:
        """The look."""
        return self.address("look")

    def context(self) -> dict[str, Any]:
        """Choices for reading, columns with samples, the first movements."""
        given = self.request.POST or self.request.GET
        table = table_as(self.record, given)
        return {
            **super().context(),
            **reading_choices(table),
            "date_orders": DateOrder.choices,
            "decimal_marks": DecimalMark.choices,
            **_shown(self.record, table, given),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the choices; when other headings come of them than the page showed, show those first."""
        table = table_as(self.record, request.POST)
        headers = preview_of(table).get("headers")
        if headers is not None and request.POST.get("shown") != signature(headers):
            return self.render()
        return super().post(request, *args, **kwargs)

    def keep(self) -> None:
        """Keep the choices."""
        posted = self.request.POST
        table = table_as(self.record, posted)
        chosen = statement_files.Format(
            table.encoding,
            table.delimiter,
            table.sheet,
            table.header_row,
            _mapping(self.record, table.headers(), posted),
            **_orders(self.record, posted),
        )
        statement_files.choose_format(self.request.user, self.record.pk, chosen=chosen)


class StatementPreview(OfFile, Page):
    """What comes of the choices, while they change."""

    permission = PERMISSION
    template = "ledger/_statement_part.html"

    def context(self) -> dict[str, Any]:
        """Columns with samples, the first movements."""
        return {"file": self.record, **_shown(self.record, table_as(self.record, self.request.GET), self.request.GET)}


class StatementLook(FileStep):
    """What the file would bring; nothing is written yet."""

    template = "ledger/statement_look.html"
    title = _("Look before reading in")
    step = "look"
    http_method_names = ["get", "head", "options"]

    def context(self) -> dict[str, Any]:
        """Counts, sums, days, rows that cannot be read; or why there is nothing to look at."""
        found = super().context()
        try:
            look = statement_look.look_at(self.request.user, self.record)
        except BusinessRefusal as refusal:
            return {**found, "refusal": str(refusal)}
        return {
            **found,
            "look": look,
            "bad": look.bad,
            "movements": look.movements,
            "listed": SHOWN,
        }


class UnreadableRows(OfFile, Page):
    """The rows that cannot be read, with the reasons in a last column."""

    permission = PERMISSION

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send them."""
        records = statement_look.bad_records(self.request.user, self.record)
        name = gettext("rows that cannot be read")
        headings = [gettext("Row"), *self.record.headers, gettext("What is wrong")]
        return exporting.send(
            request,
            permission=PERMISSION,
            name=f"{name}-{self.record.pk}",
            columns=[ExportColumn(heading, itemgetter(at)) for at, heading in enumerate(headings)],
            rows=records,
            file_format=request.GET.get("format", ExportFormat.XLSX),
        )


class StatementReadIn(OfFile, ActionPage):
    """Read the file in, as it was looked at."""

    permission = PERMISSION

    def act(self) -> Done:
        """Keep its movements; those known from an earlier file are left out."""
        agreed = self.request.POST.get("leaving_out", "")
        done = statement_files.read_in_file(
            self.request.user,
            self.record.pk,
            leaving_out=int(agreed) if agreed.isdecimal() and len(agreed) < 8 else 0,  # noqa: PLR2004 - row numbers
            at=clock.now(),
        )
        new = ngettext("%(new)s movement is new", "%(new)s movements are new", done.added) % {"new": done.added}
        message = gettext("%(new)s, %(known)s were known.") % {"new": new, "known": done.repeated}
        return Done(message=message, url=reverse("ledger:bank"), leave=True)


class StatementDiscard(OfFile, ActionPage):
    """Throw a file away that was not read in."""

    permission = PERMISSION

    def act(self) -> Done:
        """Discard it."""
        statement_files.discard_statement_file(self.request.user, self.record.pk)
        return Done(message=_("The file was discarded."), url=reverse("ledger:statement_add"), leave=True)


class FormatForget(ActionPage):
    """Forget how files of an account are read."""

    permission = PERMISSION

    def act(self) -> Done:
        """Forget it."""
        known = statement_files.forget_format(self.request.user, self.kwargs["pk"])
        message = gettext("How files of %(account)s are read is forgotten.") % {"account": known.account}
        return Done(message=message, url=reverse("ledger:statement_add"), leave=True)


def _shown(record: StatementFile, table: Table, given: Any) -> dict[str, Any]:
    """Columns with samples and targets, the first rows, and the movements they are understood as."""
    found = preview_of(table)
    if "trouble" in found:
        return found
    headers = found["headers"]
    mapping, orders = _mapping(record, headers, given), _orders(record, given)
    manner = Manner(mapping, currency=record.currency, **orders)
    try:
        head = table.head(table.header_row + statement_look.SAMPLED)
        lines = [line for line in head if line.number > table.header_row]
        manner = replace(manner, date_order=date_order_of(lines, manner))
        reading = read_movements(table, manner, most=UNDERSTOOD)
    except BusinessRefusal as refusal:
        return {"trouble": str(refusal)}
    samples = statement_look.samples_of(lines, len(headers))
    understood = [
        *((movement.number, movement.row, "") for movement in reading.movements),
        *((bad.number, None, " ".join(bad.reasons)) for bad in reading.bad),
    ]
    return found | {
        "columns": [
            {"number": at, "header": header, "samples": samples[at], "chosen": mapping.get(at, "")}
            for at, header in enumerate(headers)
        ],
        "targets": BANK_TARGETS,
        "mapped": len(mapping),
        "shown": signature(headers),
        "lacks": lacks(mapping.values()),
        "understood": sorted(understood, key=itemgetter(0)),
        "date_order": orders["date_order"],
        "decimal_mark": orders["decimal_mark"],
        "proven": DateOrder(manner.date_order).label if manner.date_order != orders["date_order"] else "",
    }


def _mapping(record: StatementFile, headers: list[str], given: Any) -> dict[int, str]:
    """Targets as chosen on the page; of other headings than it showed, as kept or as proposed for them."""
    if given.get("shown") == signature(headers):
        chosen = {at: given.get(f"column-{at}", "") for at in range(len(headers))}
        return {at: code for at, code in chosen.items() if code in CODES}
    return record.columns if headers == record.headers else propose_bank_columns(headers)


def _orders(record: StatementFile, given: Any) -> dict[str, str]:
    order, mark = given.get("date_order", ""), given.get("decimal_mark", "")
    return {
        "date_order": order if order in DateOrder.values else record.date_order,
        "decimal_mark": mark if mark in DecimalMark.values else record.decimal_mark,
    }


def _columns_in_words(known: Any) -> list[tuple[str, str]]:
    """Pairs of heading and what it is taken for."""
    chosen: Mapping[str, str] = known.choices["mapping"]
    return [(known.headers[int(at)], label_of(code)) for at, code in chosen.items() if int(at) < len(known.headers)]
