"""How places where a person is named are shown in the preview of an erasure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.apps import apps
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from loudou.core.personal_data import Place, Treatment

PAGES: Mapping[str, str] = {
    "customers.customer": "customers:customer",
    "pipeline.opportunity": "pipeline:opportunity",
    "contracts.contract": "contracts:contract",
    "contracts.receipt": "ledger:receipt",
    "contracts.invoice": "ledger:invoice",
    "exchange.importjob": "exchange:import",
    "customers.customerfile": "customers:file",
}
"""URL name of the page that shows a record."""

SAID: Mapping[tuple[str, str], str | Promise] = {
    ("exchange.importrow", "cells"): _("Imported row"),
    ("exchange.importjob", "file"): _("Kept file of an import: it is deleted"),
    ("core.idempotencykey", "answer"): _("Answer to a request, kept for two days"),
    ("customers.customerfile", "content"): _("File of the customer: it is deleted"),
    ("people.savedview", "query"): _("Saved view"),
    ("people.notification", "facts"): _("Notification"),
}
"""Places that the names of their record and field do not tell."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One place with its words, the address of its record, and whether it is ticked."""

    place: Place
    label: str
    url: str
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What an erasure would do outside the contact itself."""

    erased: list[Shown]
    doubtful: list[Shown]
    kept: list[Shown]


def preview_of(places: Iterable[Place], ticked: Callable[[Place], bool]) -> Preview:
    """Sort places into what is erased, what a human decides, and what stays."""
    preview = Preview([], [], [])
    for place in places:
        shown = Shown(place, label_of(place), _address(place), ticked(place))
        if place.treatment == Treatment.KEPT:
            preview.kept.append(shown)
        else:
            (preview.erased if place.is_sure else preview.doubtful).append(shown)
    return preview


def label_of(place: Place) -> str:
    """Say what the place is: the record's kind and the field."""
    said = SAID.get((place.label, place.field))
    if said is not None:
        return str(said)
    model = apps.get_model(place.label)
    kind = capfirst(str(model._meta.verbose_name))
    name = next(str(each.verbose_name) for each in model._meta.concrete_fields if each.name == place.field)
    return f"{kind} · {name}"


def _address(place: Place) -> str:
    return reverse(PAGES[place.label], args=[place.pk]) if place.label in PAGES else ""
