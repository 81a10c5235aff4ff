"""What somebody holds, in words, for the page of a person."""

from __future__ import annotations

from collections import Counter

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from loudou.handover.choices import Kind
from loudou.handover.selectors.preview import may_prepare, things_of
from loudou.people.models import User


def may_hand_over(reader: User, person: User) -> bool:
    """Whether the reader is offered to hand this person's work over."""
    return reader.has_permission("people.hand_over") and may_prepare(reader, person.pk)


def holdings_in_words(reader: User, person: User) -> str:
    """Such as "12 customers, 3 open opportunities and 2 contracts"; '' when nothing is held."""
    counts = Counter(thing.kind for thing in things_of(reader, person.pk))
    customers, sales, contracts = counts[Kind.CUSTOMER], counts[Kind.OPPORTUNITY], counts[Kind.CONTRACT]
    parts = []
    if customers:
        parts.append(ngettext("%(count)s customer", "%(count)s customers", customers) % {"count": customers})
    if sales:
        words = ngettext("%(count)s open opportunity", "%(count)s open opportunities", sales)
        parts.append(words % {"count": sales})
    if contracts:
        parts.append(ngettext("%(count)s contract", "%(count)s contracts", contracts) % {"count": contracts})
    if others := counts.total() - customers - sales - contracts:
        parts.append(ngettext("%(count)s other thing", "%(count)s other things", others) % {"count": others})
    if len(parts) < 2:  # noqa: PLR2004
        return "".join(parts)
    comma = pgettext("between parts of an enumeration", ", ")
    return _("%(parts)s and %(last)s") % {"parts": comma.join(parts[:-1]), "last": parts[-1]}
