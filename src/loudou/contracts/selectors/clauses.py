"""Which main clauses a contract still lacks, and what its clauses say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from loudou.contracts.choices import ClauseKey
from loudou.contracts.models import ClauseTemplate, ContractClause, ContractVersion
from loudou.contracts.selectors.parties import with_parties
from loudou.contracts.wording import PLACEHOLDERS, Wording, fill

MAIN_KEYS = (
    ClauseKey.PARTIES,
    ClauseKey.SUBJECT,
    ClauseKey.QUANTITY,
    ClauseKey.PRICE,
    ClauseKey.PERFORMANCE,
    ClauseKey.BREACH,
)
"""Without these no contract is signed, whatever its templates say."""

LANGUAGES = ("en", "zh-hans")


@dataclass(frozen=True, slots=True)
class MissingClause:
    """A main clause that is not complete: what it regulates, and the facts that it leaves open (empty: no text).

    `lacks_lines` tells facts that the lines bring from those that the terms bring.
    """

    key: ClauseKey
    label: str | Promise
    open_facts: tuple[str | Promise, ...] = ()
    lacks_lines: bool = False

    def __str__(self) -> str:
        if not self.open_facts:
            return str(self.label)
        facts = pgettext("between things that are listed", ", ").join(str(fact) for fact in self.open_facts)
        return _("%(clause)s (%(facts)s not filled in)") % {"clause": self.label, "facts": facts}


@dataclass(frozen=True, slots=True)
class WrittenClause:
    """A clause as the paper shows it, in one language."""

    heading: str
    wording: Wording
    is_main: bool


def clause_templates(kind: str = "") -> QuerySet[ClauseTemplate]:
    """Clauses that drafts start with, of one kind of contract or of all, in order."""
    rows = ClauseTemplate.objects.order_by("contract_kind", "position", "pk")
    return rows.filter(contract_kind=kind) if kind else rows


def written_clauses(version: ContractVersion, language: str) -> list[WrittenClause]:
    """The clauses of a version with its facts filled in; one that is not written in the language stands in the other.

    One statement, and what naming the parties of a draft takes.
    """
    with_parties(version)
    return [
        WrittenClause(clause.heading(language), fill(_text(clause, language), version, language), clause.is_main)
        for clause in version.clauses.all()
        if _text(clause, language).strip()
    ]


def missing_clauses(version: ContractVersion) -> list[MissingClause]:
    """Main clauses without a text, or with facts that are not filled in; nothing is left when it can be signed.

    A subject needs lines: without them nothing is sold. Two statements, and what naming the parties takes.
    """
    with_parties(version)
    clauses = list(version.clauses.all())
    has_lines = version.terms.exists()
    found = []
    for key in _wanted(clauses):
        texts = [clause for clause in clauses if clause.key == key]
        open_facts = _open_facts(texts, version)
        if not any(clause.body.strip() or clause.body_zh.strip() for clause in texts):
            found.append(MissingClause(key, key.label))
        elif key == ClauseKey.SUBJECT and not has_lines:
            found.append(MissingClause(key, key.label, (_("lines of the contract"),), lacks_lines=True))
        elif open_facts:
            found.append(MissingClause(key, key.label, tuple(open_facts)))
    return found


def _wanted(clauses: Iterable[ContractClause]) -> list[ClauseKey]:
    flagged = [ClauseKey(clause.key) for clause in clauses if clause.is_main]
    return list(dict.fromkeys([*MAIN_KEYS, *flagged]))


def _open_facts(clauses: Iterable[ContractClause], version: ContractVersion) -> list[str | Promise]:
    names: list[str] = []
    for clause in clauses:
        for language in LANGUAGES:
            names += fill(clause.text(language), version, language).unknown
    return [PLACEHOLDERS[name].label if name in PLACEHOLDERS else f"{{{name}}}" for name in dict.fromkeys(names)]


def _text(clause: ContractClause, language: str) -> str:
    first, second = LANGUAGES[::-1] if language.startswith("zh") else LANGUAGES
    return clause.text(first) if clause.text(first).strip() else clause.text(second)
