"""Copies of everything held about a contact: a page to read and a file for machines, recorded like any export."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Generator
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language

from loudou.core import audit
from loudou.core.actors import Actor
from loudou.core.rates import company
from loudou.core.refusals import PermissionRefused
from loudou.exchange.export_record import Clock, ExportRecord, RecordedChunks
from loudou.exchange.exports import CHUNK_BYTES, ExportFile
from loudou.people.choices import ExportOutcome
from loudou.privacy.choices import RequestKind
from loudou.privacy.models import PersonalDataRequest
from loudou.privacy.selectors.held import Held, held_about, label_of
from loudou.privacy.services.requests import answer

LIST = "personal-data"


def copy_file(actor: Actor, contact_id: int, *, now: Clock) -> ExportFile:
    """A ZIP with `personal-data.html` in the reader's language and `personal-data.json`; answers an open request.

    Raises PermissionRefused, NotVisible.
    """
    held, record = _begun(actor, contact_id, now=now)
    at = timezone.localtime(now())
    page = render_to_string("privacy/copy.html", {**_labelled(held), "at": at, "language": get_language()})
    parts = {"personal-data.html": page.encode(), "personal-data.json": _json(held)}
    name = f"personal-data-{contact_id}-{at:%Y-%m-%d}.zip"
    return ExportFile(name, "application/zip", RecordedChunks(_archived(parts), record))


def copy_data(actor: Actor, contact_id: int, *, now: Clock) -> Held:
    """The same as plain values, for programs. Raises PermissionRefused, NotVisible."""
    held, record = _begun(actor, contact_id, now=now)
    record.bytes = len(_json(held))
    record.end(ExportOutcome.FINISHED)
    return held


def _begun(actor: Actor, contact_id: int, *, now: Clock) -> tuple[Held, ExportRecord]:
    """Gather everything, write down that it leaves, and answer the open request for a copy, if any."""
    if not actor.has_permission("privacy.answer"):
        raise PermissionRefused
    at = now()
    held: Held = {"made_at": timezone.localtime(at).isoformat(timespec="seconds"), "made_by": company().name}
    held |= held_about(actor, contact_id)
    facts = {"list": LIST, "format": "zip", "address": f"/contacts/{contact_id}/personal-data/"}
    record = ExportRecord(actor, facts=facts, at=at, now=now)
    record.rows = sum(len(part) for part in held.values() if isinstance(part, list))
    with transaction.atomic():
        audit.bind(actor)
        open_ones = PersonalDataRequest.objects.open().filter(contact_id=contact_id, kind=RequestKind.COPY)
        for request in open_ones.select_for_update(of=("self",)):
            answer(actor, request, counts={"rows": record.rows}, at=at)
    return held, record


def _archived(parts: dict[str, bytes]) -> Generator[bytes]:
    """A ZIP of these files in pieces; nothing is open before the first is asked for."""
    with tempfile.SpooledTemporaryFile(max_size=4 * 1024 * 1024) as stream:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        stream.seek(0)
        while piece := stream.read(CHUNK_BYTES):
            yield piece


def _json(held: Held) -> bytes:
    return json.dumps(held, ensure_ascii=False, indent=2).encode()


def _labelled(held: Held) -> dict[str, Any]:
    """The same with the labels of the pages, for the page to read."""
    parts = {name: [_pairs(row) for row in held[name]] for name in ("posts", "requests")}
    return {**held, **parts, "facts": _pairs(held["contact"])}


def _pairs(facts: Held) -> list[tuple[str, Any]]:
    """Labels and values of a row; what is empty is left out."""
    return [(label_of(name), words) for name, value in facts.items() if (words := _words(value)) != ""]


def _words(value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value in (None, {}) else value
