"""The protocol of a handover as PDF, in English or Chinese."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.translation import override

from loudou.contracts.services.documents import Document, laid_out
from loudou.core.actors import Actor
from loudou.core.rates import company
from loudou.handover.models import Handover
from loudou.handover.papers import protocol_of
from loudou.handover.selectors.handovers import get_handover, items_of, parts_of


def protocol_pdf(actor: Actor, handover_id: int, *, language: str) -> Document:
    """Lay out the protocol of a handover with places to sign. Nothing is written.

    Raises NotVisible, PdfUnavailable (libraries or Chinese fonts are not installed).
    """
    handover = get_handover(actor, handover_id)
    suffix = "zh" if language.startswith("zh") else "en"
    return Document(f"handover-{handover.pk}-{suffix}.pdf", laid_out(protocol_html(handover, language)))


def protocol_html(handover: Handover, language: str) -> str:
    """The protocol as HTML that refers to nothing outside itself."""
    paper = protocol_of(company(), handover, parts_of(handover), items_of(handover), language=language)
    with override(language):
        return render_to_string("papers/handover.html", {"paper": paper})
