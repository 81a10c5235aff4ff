"""Files about imports: templates to fill in, and the rows that failed with their reasons."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from loudou.core import clock
from loudou.exchange import selectors
from loudou.exchange.choices import ExportFormat
from loudou.exchange.exports import ExportColumn
from loudou.exchange.targets import KINDS
from loudou.people.services.password_links import password_links
from loudou.web.exchange.wizard import ImportPage
from loudou.web.frame import exporting
from loudou.web.frame.pages import Page
from loudou.web.people.signing_in import absolute


class Template(Page):
    """An empty file with the headings of a kind and one sample row."""

    permission = "exchange.import"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send it."""
        kind = KINDS.get(self.kwargs["kind"])
        if kind is None:
            raise Http404
        columns = [ExportColumn(target.label, itemgetter(target.code)) for target in kind.targets]
        rows = [{target.code: target.sample for target in kind.targets}]
        name = _("template")
        return _send(request, f"{name}-{kind.code}", columns, rows)


class FailedRows(ImportPage):
    """The rows that failed, with their reasons in a last column: correct them and import the file again."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send them."""
        job = self.job
        headings = [_("Row"), *job.headers, _("What is wrong")]
        columns = [ExportColumn(heading, itemgetter(at)) for at, heading in enumerate(headings)]
        name = _("failed rows")
        return _send(request, f"{name}-{job.pk}", columns, selectors.row_records(job, selectors.failed_rows(job)))


class SignInLinks(ImportPage):
    """For each user the import made and who has no password yet, the link with which to set one."""

    permission = "people.manage"
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Make the links and send them as a file."""
        links = password_links(self.request.user, selectors.made_users(self.job), at=clock.now())
        rows = [
            [user.name, user.username, user.email, absolute(request, reverse("people:password_by_link", args=parts))]
            for user, *parts in links
        ]
        headings = [_("Name"), _("Sign-in name"), _("Mail"), _("Link for setting a password, good for three days")]
        columns = [ExportColumn(heading, itemgetter(at)) for at, heading in enumerate(headings)]
        return _send(request, _("sign-in links"), columns, rows, permission=self.permission)


def _send(
    request: Any, name: str, columns: list[ExportColumn], rows: Any, *, permission: str = "exchange.import"
) -> HttpResponseBase:
    chosen = request.GET.get("format", ExportFormat.XLSX)
    return exporting.send(request, permission=permission, name=name, columns=columns, rows=rows, file_format=chosen)
