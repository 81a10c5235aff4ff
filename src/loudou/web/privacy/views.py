"""What is held about a person, copies of it, erasure, and who asked for what."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from loudou.contracts.models import Contract
from loudou.core import clock
from loudou.core.personal_data import Place
from loudou.core.refusals import InvalidInput
from loudou.customers import selectors as customers
from loudou.customers.errors import ContactErased
from loudou.customers.models import Contact
from loudou.pipeline.selectors.customers import contact_opportunities
from loudou.privacy import selectors, services
from loudou.privacy.choices import Ground, RequestKind, Way
from loudou.privacy.errors import AskedInTheFuture, GroundNeedsNote, NameNotConfirmed, PlacesChanged
from loudou.privacy.models import PersonalDataRequest
from loudou.privacy.selectors.held import held_about
from loudou.privacy.services.copying import copy_file
from loudou.privacy.services.requests import Asked
from loudou.web.frame import exporting
from loudou.web.frame.actions import Done
from loudou.web.frame.columns import Column
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.lists import ListPage
from loudou.web.frame.pages import Page
from loudou.web.privacy.filters import RequestFilter
from loudou.web.privacy.forms import AskedForm, EraseForm, RequestForm
from loudou.web.privacy.places import preview_of
from loudou.web.templatetags.loudou import badge

SHOWN_SALES = 20
FIELD_OF = {AskedInTheFuture: "asked_on", GroundNeedsNote: "note", NameNotConfirmed: "confirmation", PlacesChanged: ""}
"""Beside which field of a form a refusal stands."""


class OfContact(Page):
    """Something about the personal data of the contact whose number is in the address."""

    permission = "privacy.answer"
    section = "customers:contact_list"

    def contact(self) -> Contact:
        """The contact. Raises NotVisible."""
        return customers.get_contact(self.request.user, self.kwargs["pk"])

    def breadcrumbs(self) -> list[tuple[Any, str]]:
        """The list and the contact."""
        contact = self.contact()
        address = reverse("customers:contact", args=[contact.pk])
        return [(_("Contacts"), reverse("customers:contact_list")), (contact.name, address)]


class Held(OfContact):
    """Everything held about a contact, and what can be done with it."""

    template = "privacy/held.html"
    title = _("Personal data")

    def context(self) -> dict[str, Any]:
        """All of it, as a copy would say it."""
        contact = self.contact()
        requests = selectors.requests_of(self.request.user, contact)
        held = held_about(self.request.user, contact.pk)
        today = clock.today()
        return {
            "contact": contact,
            "held": held,
            "requests": [{"row": row, "is_late": row.is_late(today)} for row in requests],
        }


class Copy(OfContact):
    """The copy as a file."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send it; that it was taken is recorded."""
        return exporting.send_file(copy_file(self.request.user, self.kwargs["pk"], now=clock.now))


class AskedPage(OfContact, FormPage):
    """A form that says when, how and why somebody asked; refusals about that stand beside their fields."""

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Asked today, by mail, by the person."""
        return {"asked_on": clock.today(), "way": Way.MAIL, "ground": Ground.REQUEST}

    def asked(self, form: AskedForm) -> Asked:
        """What the form says of the request."""
        given = form.cleaned_data
        return Asked(on=given["asked_on"], way=given["way"], ground=given["ground"], note=given["note"])

    def save(self, form: Any, *, version: int | None) -> Done:
        """Call the service, and put what it refuses beside its field."""
        try:
            return self.answer(form)
        except tuple(FIELD_OF) as refusal:
            raise InvalidInput({FIELD_OF[type(refusal)]: [str(refusal)]}) from refusal

    def answer(self, form: Any) -> Done:
        """Call the service."""
        raise NotImplementedError


class RequestAdd(AskedPage):
    """Write a request into the register."""

    title = _("Record a request")
    form_class = RequestForm

    def record(self) -> None:
        """Something new; the contact must be there. Raises NotVisible."""
        self.contact()

    def answer(self, form: RequestForm) -> Done:
        """Record it."""
        kind = form.cleaned_data["kind"]
        request = services.record_request(
            self.request.user, self.kwargs["pk"], kind=kind, asked=self.asked(form), at=clock.now()
        )
        message = _("The request is on record; answer it until %(day)s.") % {"day": request.due_on}
        return Done(message=message, url=reverse("privacy:held", args=[self.kwargs["pk"]]))


class Erase(AskedPage):
    """The preview of an erasure and its confirmation."""

    title = _("Erase a contact")
    template = "privacy/erase.html"
    form_class = EraseForm
    submit_label = _("Erase for good")

    def record(self) -> None:
        """The contact, unless it was erased. Raises NotVisible, ContactErased."""
        contact = self.contact()
        if contact.erased_at is not None:
            raise ContactErased.of(contact)

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """What an open request says, else asked today."""
        request = selectors.open_request(self.contact(), RequestKind.ERASE)
        if request is None:
            return super().initial(record)
        return {name: getattr(request, name) for name in ("asked_on", "way", "ground", "note")}

    def show(self, form: Any, record: Any, **context: Any) -> HttpResponse:
        """The preview around the form; what was ticked stays so when the form comes back."""
        user, contact = self.request.user, self.contact()
        places = selectors.places_of(selectors.person_of(contact))
        sales = contact_opportunities(user, contact.pk, most=SHOWN_SALES)
        running = Contract.objects.visible_to(user).filter(contact=contact, ended_on__isnull=True).order_by("pk")
        return super().show(
            form,
            record,
            contact=contact,
            preview=preview_of(places, self._is_ticked),
            seen=selectors.shown(places),
            sales=[sale for sale in sales if sale.is_open],
            contracts=list(running[:SHOWN_SALES]),
            **context,
        )

    def _is_ticked(self, place: Place) -> bool:
        if self.request.method == "POST":
            return place.key in self.request.POST.getlist("place")
        return place.is_sure

    def answer(self, form: EraseForm) -> Done:
        """Erase what is ticked."""
        services.erase_contact(
            self.request.user,
            self.kwargs["pk"],
            confirmation=form.cleaned_data["confirmation"],
            asked=self.asked(form),
            places=self.request.POST.getlist("place"),
            seen=self.request.POST.get("seen", ""),
            at=clock.now(),
        )
        url = reverse("customers:contact", args=[self.kwargs["pk"]])
        return Done(message=_("The contact was erased."), url=url, leave=True)


def _contact(row: PersonalDataRequest) -> SafeString:
    address = reverse("customers:contact", args=[row.contact_id])
    return format_html('<a class="link-in-words" href="{}" data-panel>{}</a>', address, row.contact)


def _state(row: PersonalDataRequest) -> str:
    if row.done_at is not None:
        return str(_("Answered"))
    return str(_("Late") if row.is_late(clock.today()) else _("Open"))


def _state_badge(row: PersonalDataRequest) -> SafeString:
    is_late = row.is_late(clock.today())
    colour, icon = ("green", "check") if row.done_at else ("red", "alert-triangle") if is_late else ("blue", "clock")
    return badge(_state(row), colour, icon)


class RequestList(ListPage):
    """The register: who asked for a copy or for erasure, when, until when to answer, and who answered."""

    permission = "privacy.view"
    title = _("Requests about personal data")
    filterset = RequestFilter
    columns = (
        Column(name="contact", label=_("Contact"), value="contact.name", html=_contact),
        Column(name="kind", label=_("What is asked for"), value="get_kind_display"),
        Column(name="state", label=_("State"), value=_state, html=_state_badge),
        Column(name="asked_on", label=_("Asked on"), kind="date", sort="asked_on"),
        Column(name="way", label=_("How"), value="get_way_display", hide_below="md"),
        Column(name="ground", label=_("Ground"), value="get_ground_display", hide_below="lg"),
        Column(name="due_on", label=_("Answer until"), kind="date", hide_below="sm"),
        Column(name="done_at", label=_("Answered"), kind="datetime", hide_below="md"),
        Column(name="done_by", label=_("Answered by"), value="done_by.name", hide_below="lg"),
        Column(name="recorded_by", label=_("Recorded by"), value="recorded_by.name", shown=False),
        Column(name="note", label=_("Note"), shown=False),
    )
    default_sort = "-asked_on"
    export_permission = "privacy.view"
    empty_icon = "shield-lock"
    empty_title = _("Nobody has asked yet")
    empty_text = _(
        "When a contact asks what you hold about them, or to be erased, open the contact and choose Personal data. "
        "The request and its answer stand here."
    )

    def rows(self) -> Any:
        """Requests the reader may see."""
        return selectors.requests_register(self.request.user)
