"""Acts: pages that change something through a service, and how their outcome reaches the screen."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from loudou.core.refusals import BusinessRefusal
from loudou.core.services.idempotency import Answer, fingerprint, once
from loudou.web.frame.lists import ListPage
from loudou.web.frame.pages import Page
from loudou.web.frame.walking import list_page_at

ONCE_FIELD = "_once"
"""Name of the hidden field that makes a second click harmless; `{% once %}` writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a finished act tells the user, and where it leads.

    `url` is where a full page goes. Panels, dialogs and lists stay: the toast appears and what shows data reads it
    again; `leave=True` makes them go to `url` as well (a new record, a deleted one).
    """

    message: str | Promise = ""
    url: str = ""
    leave: bool = False
    level: str = "success"


class ActionPage(Page):
    """A POST that calls one service: `act()` returns `Done`, refusals become a toast, a double click acts once."""

    http_method_names = ["post", "options"]
    success_url: str = ""

    def act(self) -> Done:
        """Call the service with `self.request.user` first."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Act once and say so."""
        return self.finish(self.act_once())

    def act_once(self) -> Done:
        """Run `act` unless the same form was already carried out; then return its first outcome."""
        token = self.request.POST.get(ONCE_FIELD, "")
        if not token:
            return self.act()
        posted = {k: v for k, v in self.request.POST.lists() if k not in (ONCE_FIELD, "csrfmiddlewaretoken")}
        answer = once(
            self.request.user,
            scope=f"web {self.request.path}"[:120],
            key=token[:200],
            fingerprint=fingerprint(posted),
            run=lambda: _to_answer(self.act()),
        )
        return Done(**answer.body)

    def finish(self, done: Done) -> HttpResponse:
        """Answer a finished act: a redirect for pages, a toast and a hint to read again for htmx."""
        url = self.next_url() or done.url or self.success_url
        if not getattr(self.request, "htmx", None):
            _remember(self.request, done)
            return HttpResponseRedirect(url or "/")
        if done.leave:
            _remember(self.request, done)
            return HttpResponseClientRedirect(url or "/")
        return done_response(done)

    def next_url(self) -> str:
        """Address that the form asked to return to, when it is one of ours."""
        wanted = self.request.POST.get("next", "") or self.request.GET.get("next", "")
        return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else ""


def done_response(done: Done) -> HttpResponse:
    """Answer htmx: nothing to swap, a toast to show, and everything that shows data reads it again."""
    response = HttpResponse(status=204)
    if done.message:
        trigger_client_event(response, "loudou:toast", {"level": done.level, "message": done.message})
    # In this order: "done" closes the dialog, and an event of a form that is gone reaches nobody.
    trigger_client_event(response, "loudou:changed", {})
    return trigger_client_event(response, "loudou:done", {})


def _to_answer(done: Done) -> Answer:
    body = {"message": str(done.message), "url": done.url, "leave": done.leave, "level": done.level}
    return Answer(200, json.loads(json.dumps(body)))


def _remember(request: HttpRequest, done: Done) -> None:
    if done.message:
        messages.add_message(request, getattr(messages, done.level.upper()), str(done.message))


@dataclass(slots=True)
class BulkOutcome:
    """What a bulk act did and did not do, row by row."""

    done: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)

    def refuse(self, label: str, refusal: BusinessRefusal) -> None:
        """Note a row that the service would not change, with its reason."""
        self.refused.append((label, str(refusal)))


class SelectionMixin:
    """The rows that were ticked in a list (`ids`), or all that pass its filters (`all=1` and `from`)."""

    request: Any
    list_page: ClassVar[type[ListPage]]
    most: ClassVar[int] = 1000
    """Rows that one act may touch; more are refused before anything is done."""

    def chosen_ids(self) -> list[int]:
        """Primary keys of the selected rows, in the list's order, at most `most` and one more."""
        sent = self.request.POST if self.request.method == "POST" else self.request.GET
        if sent.get("all") == "1":
            page = list_page_at(self.request, sent.get("from", ""))
            if not isinstance(page, self.list_page):
                raise BadRequest
            return list(page.sorted_rows().values_list("pk", flat=True)[: self.most + 1])
        ids = [part for value in sent.getlist("ids") for part in value.split(",")]
        return [int(text) for text in ids if text.isdecimal() and len(text) < 19][: self.most + 1]  # noqa: PLR2004
