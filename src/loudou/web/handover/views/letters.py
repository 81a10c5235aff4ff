"""Telling customers: choosing whom to write, the words, what became of the letters; and the protocol as a file."""

from __future__ import annotations

import functools
from typing import Any

from django.conf import settings
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from loudou.core.refusals import NotVisible
from loudou.handover import tasks
from loudou.handover.documents import protocol_pdf
from loudou.handover.letter_texts import PLACEHOLDERS, SUBJECTS, TEXTS, message_of
from loudou.handover.models import Handover, HandoverLetter
from loudou.handover.selectors import handovers as selectors
from loudou.handover.selectors.letters import Addressee, addressees, get_letter
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.pages import Page
from loudou.web.handover.forms import LettersForm

SECTION = "handover:list"
LANGUAGES = ("zh-hans", "en")


class WriteLetters(FormPage):
    """Whom to tell, and in which words; nobody is told who does not want mail or was told before."""

    permission = "people.hand_over"
    section = SECTION
    title = gettext_lazy("Tell the customers")
    template = "handover/letters_form.html"
    form_class = LettersForm

    @functools.cached_property
    def handover(self) -> Handover:
        """The handover. Raises NotVisible."""
        return selectors.get_handover(self.request.user, self.kwargs["pk"])

    @functools.cached_property
    def people(self) -> list[Addressee]:
        """Contacts of the customers that changed hands."""
        return addressees(self.request.user, self.handover)

    def record(self) -> Handover:
        """Looked for before anything else."""
        return self.handover

    @property
    def languages(self) -> list[str]:
        """Languages in which somebody can be written to."""
        asked = {to.language for to in self.people if to.may_be_mailed and not to.has_letter}
        return [language for language in LANGUAGES if language in asked]

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Everybody who may be mailed is ticked, and the words are there to be edited."""
        texts = {f"subject_{key}": SUBJECTS[key] for key in self.languages}
        texts |= {f"text_{key}": TEXTS[key] for key in self.languages}
        return texts | {"contacts": [to.contact.pk for to in self.people if to.may_be_mailed and not to.has_letter]}

    def form_kwargs(self) -> dict[str, Any]:
        """Who can be chosen, and the languages that are needed."""
        open_ones = [to for to in self.people if to.may_be_mailed and not to.has_letter]
        return {"people": open_ones, "languages": self.languages}

    def context(self) -> dict[str, Any]:
        """Who gets none, and why; and whether mail can be sent at all."""
        return {
            "left_out": [to for to in self.people if not to.may_be_mailed],
            "sends_mail": settings.SENDS_MAIL,
            "placeholders": [f"{{{name}}}" for name in PLACEHOLDERS],
            "nobody": not self.languages,
        }

    def save(self, form: LettersForm, *, version: int | None) -> Done:
        """Write them; a worker sends them once they are kept."""
        written = tasks.write_letters(
            self.request.user, self.handover.pk, contact_ids=form.contact_ids(), words=form.words()
        )
        words = ngettext("%(count)s letter is written.", "%(count)s letters are written.", len(written))
        return Done(message=words % {"count": len(written)}, url=handover_url(self.handover.pk))


class SendAgain(ActionPage):
    """Send a letter that was not sent."""

    permission = "people.hand_over"

    def act(self) -> Done:
        """Let it wait for a worker."""
        letter = tasks.send_again(self.request.user, self.kwargs["pk"])
        return Done(message=_("The letter is sent again."), url=handover_url(letter.handover_id))


class LetterFile(Page):
    """A letter as a file that any mail program opens."""

    permission = "people.hand_over"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Hand it out. Raises NotVisible."""
        letter: HandoverLetter = get_letter(self.request.user, self.kwargs["pk"])
        return handed_out(message_of(letter).message().as_bytes(), f"letter-{letter.pk}.eml", "message/rfc822")


class ProtocolPdf(Page):
    """The protocol to sign, as PDF in one of the languages."""

    permission = "people.view"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Hand it out. Raises NotVisible, PdfUnavailable."""
        language = self.kwargs["language"]
        if language not in LANGUAGES:
            raise NotVisible
        paper = protocol_pdf(self.request.user, self.kwargs["pk"], language=language)
        return handed_out(paper.content, paper.name, "application/pdf")


def handed_out(content: bytes, name: str, kind: str) -> HttpResponse:
    """Answer with a file that nobody between keeps."""
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content, content_type=kind, headers=headers)


def handover_url(pk: int) -> str:
    """Where a handover is shown."""
    return reverse("handover:handover", args=[pk])
