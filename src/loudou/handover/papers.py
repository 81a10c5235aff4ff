"""What the protocol of a handover says, in one language: plain texts, ready to be laid out and signed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from loudou.contracts.papers import FONTS, PAGE_WORDS, number_with_cents
from loudou.contracts.wording import amount as money_text
from loudou.contracts.wording import day, short_day
from loudou.core.models import Company
from loudou.core.money import Money
from loudou.handover.choices import Kind
from loudou.handover.models import Handover, HandoverItem
from loudou.handover.selectors.handovers import PartSum


@dataclass(frozen=True, slots=True)
class Protocol:
    """Everything that the protocol says."""

    language: str
    fonts: str
    page_words: tuple[str, str, str]
    footer: str
    company: str
    leaver: str
    facts: tuple[tuple[str, str], ...]
    note: str
    parts: tuple[dict[str, Any], ...]
    signers: tuple[tuple[str, str], ...]


def protocol_of(
    ours: Company, handover: Handover, parts: Iterable[PartSum], items: Iterable[HandoverItem], *, language: str
) -> Protocol:
    """Put a handover into words. No statement."""
    chinese = language.startswith("zh")
    grouped: dict[int, list[HandoverItem]] = {}
    for item in items:
        grouped.setdefault(item.part_id, []).append(item)
    with override(language):
        shown = list(parts)
        return Protocol(
            language="zh-Hans" if chinese else "en",
            fonts=FONTS["zh" if chinese else "en"],
            page_words=PAGE_WORDS["zh" if chinese else "en"],
            footer=" · ".join((_("Handover protocol"), str(handover.leaver), short_day(_on(handover), language))),
            company=ours.name,
            leaver=str(handover.leaver),
            facts=_facts(handover, language),
            note=handover.note,
            parts=tuple(_part(each, grouped.get(each.part.pk, []), language) for each in shown),
            signers=(
                (_("Handed over by"), str(handover.leaver)),
                *((_("Taken over by"), str(each.part.successor)) for each in shown),
                (_("Witnessed by the manager"), str(handover.actor or "")),
            ),
        )


def _on(handover: Handover) -> Any:
    return timezone.localtime(handover.at).date()


def _facts(handover: Handover, language: str) -> tuple[tuple[str, str], ...]:
    access = _("stayed") if handover.keeps_access else _("ended in the same moment")
    facts = (
        (_("Carried out on"), day(_on(handover), language)),
        (_("Carried out by"), str(handover.actor or "–")),
        (_("Last working day"), day(handover.last_day, language)),
        (_("Access"), access),
        (_("Reason"), handover.reason),
    )
    return tuple(fact for fact in facts if fact[1])


def _part(part: PartSum, items: list[HandoverItem], language: str) -> dict[str, Any]:
    customers = {item.object_id: item for item in items if item.kind == Kind.CUSTOMER}
    about: dict[int | None, list[HandoverItem]] = {}
    for item in items:
        if item.kind != Kind.CUSTOMER:
            about.setdefault(item.customer_ref if item.customer_ref in customers else None, []).append(item)
    confirmation = part.confirmation
    confirmed = ""
    if confirmation is not None:
        confirmed = _("Receipt confirmed in Loudou on %(day)s.") % {
            "day": day(timezone.localtime(confirmation.at).date(), language)
        }
    return {
        "successor": str(part.part.successor),
        "sums": _sums(part, language),
        "confirmed": " ".join(text for text in (confirmed, confirmation.remark if confirmation else "") if text),
        "customers": [
            {
                "name": item.name,
                "note": item.note,
                "contacts": ", ".join(each.name for each in about.get(pk, []) if each.kind == Kind.CONTACT),
                "rows": [_row(each, language) for each in about.get(pk, []) if each.kind != Kind.CONTACT],
            }
            for pk, item in customers.items()
        ],
        "others": [_row(each, language, with_customer=True) for each in about.get(None, [])],
    }


def _sums(part: PartSum, language: str) -> list[tuple[str, str]]:
    def money(sums: Mapping[str, Decimal]) -> str:
        return ", ".join(money_text(Money(amount, currency), language) for currency, amount in sorted(sums.items()))

    counts = [(str(Kind(kind).label), str(count)) for kind, count in part.counts.items()]
    order = {str(kind.label): place for place, kind in enumerate(Kind)}
    sums = [(_("Open amount"), money(part.amounts)), (_("Still owed"), money(part.owed))]
    steps = [(_("Next steps with a day"), str(part.steps))] if part.steps else []
    return [*sorted(counts, key=lambda each: order[each[0]]), *steps, *(each for each in sums if each[1])]


def _row(item: HandoverItem, language: str, *, with_customer: bool = False) -> dict[str, str]:
    amount = item.owed if item.kind == Kind.CONTRACT else item.amount
    shown = "" if amount is None else f"{number_with_cents(amount, item.currency)} {item.currency}"
    return {
        "kind": str(_ONE[item.kind]()),
        "name": f"{item.customer_name}: {item.name}" if with_customer and item.customer_name else item.name,
        "step": item.detail,
        "due": short_day(item.due_on, language) if item.due_on else "",
        "amount": shown,
    }


_ONE: Mapping[str, Any] = {
    Kind.OPPORTUNITY: lambda: _("Opportunity"),
    Kind.CONTRACT: lambda: _("Contract, still owed"),
    Kind.CONTACT: lambda: _("Contact"),
    Kind.CUSTOMER_MEMBER: lambda: _("Works on the customer"),
    Kind.OPPORTUNITY_MEMBER: lambda: _("Works on the opportunity"),
    Kind.SAVED_VIEW: lambda: _("Shared view"),
}
