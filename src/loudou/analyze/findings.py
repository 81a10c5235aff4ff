"""What is wrong with the data, before anybody trusts a figure: each finding with its count and a few examples."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from loudou.analyze.deals import Deals
from loudou.exchange.values.texts import letters

SAMPLE = 5
ALIKE = 0.92
MOST_VALUES_COMPARED = 400

_QUERIES = {
    "no_opening_date": "SELECT {label} FROM deals WHERE opened_on IS NULL ORDER BY place",
    "closed_without_date": "SELECT {label} FROM deals WHERE outcome <> 'open' AND closed_on IS NULL ORDER BY place",
    "closed_before_opened": "SELECT {label} FROM deals WHERE closed_on < opened_on ORDER BY place",
    "dated_ahead": "SELECT {label} FROM deals WHERE greatest(opened_on, closed_on) > $as_of ORDER BY place",
    "won_without_amount": "SELECT {label} FROM deals WHERE outcome = 'won' AND coalesce(amount, 0) = 0 ORDER BY place",
    "lost_with_amount_zero": "SELECT {label} FROM deals WHERE outcome = 'lost' AND amount = 0 ORDER BY place",
    "open_without_amount": "SELECT {label} FROM deals WHERE outcome = 'open' AND amount IS NULL ORDER BY place",
    "negative_amount": "SELECT {label} FROM deals WHERE amount < 0 ORDER BY place",
    "no_owner": "SELECT {label} FROM deals WHERE owner IS NULL ORDER BY place",
    "no_customer": "SELECT {label} FROM deals WHERE customer IS NULL ORDER BY place",
    "repeated_id": "SELECT id FROM deals WHERE id IS NOT NULL GROUP BY id HAVING count(*) > 1 ORDER BY id",
    "several_currencies": "SELECT DISTINCT currency FROM deals WHERE currency IS NOT NULL"
    " AND (SELECT count(DISTINCT currency) FROM deals) > 1 ORDER BY currency",
    "expected_date_passed": "SELECT {label} FROM deals WHERE outcome = 'open' AND expected_on < $as_of ORDER BY place",
}
_HISTORY_QUERIES = {
    "without_history": "SELECT {label} FROM deals WHERE opened_on >= $begins_on"
    " AND place NOT IN (SELECT deal FROM moves) ORDER BY place",
    "history_contradicts": "SELECT {label} FROM deals JOIN (SELECT deal, arg_max(moves.outcome, (moved_at, seq))"
    " AS last FROM moves WHERE moves.outcome IS NOT NULL GROUP BY deal) ON deal = place"
    " WHERE last IN ('won', 'lost') AND last <> outcome ORDER BY place",
}
_NEEDS = {
    "no_owner": "owner",
    "no_customer": "customer",
    "no_opening_date": "opened_on",
    "open_without_amount": "amount",
}
_UNREADABLE = {"amount": "unreadable_amount", "pushes": "unreadable_number", "probability": "unreadable_number"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of fault: a stable code, how often it occurs, and up to five examples."""

    code: str
    count: int
    sample: tuple[str, ...]


def findings(deals: Deals) -> list[Finding]:
    """All faults that occur, the most frequent first. A column the files do not have is no fault."""
    label = "coalesce(deals.id, deals.subject, 'row ' || (deals.place + 1))"
    found: list[Finding] = []
    for code, query in _QUERIES.items():
        if code in _NEEDS and _NEEDS[code] not in deals.mapping:
            continue
        found += _asked(deals, code, query.format(label=label))
    for column, values in deals.unreadable.items():
        kind = _UNREADABLE.get(column, "unreadable_date")
        found.append(Finding(kind, sum(values.values()), tuple(values)[:SAMPLE]))
    found += _of_history(deals, label)
    for column in ("product", "owner", "customer"):
        found += _written_differently(deals, column)
    return sorted(found, key=lambda finding: -finding.count)


def _asked(deals: Deals, code: str, sql: str) -> list[Finding]:
    """Count what a query finds, with a few examples; nothing where it finds none."""
    days = {"as_of": deals.as_of, "begins_on": deals.moves and deals.moves.begins_on}
    given = {name: day for name, day in days.items() if f"${name}" in sql} or None
    [(count,)] = deals.engine.execute(f"SELECT count(*) FROM ({sql})", given).fetchall()
    if not count:
        return []
    rows = deals.engine.execute(f"{sql} LIMIT {SAMPLE}", given).fetchall()
    return [Finding(code, count, tuple(str(row[0]) for row in rows))]


def _of_history(deals: Deals, label: str) -> list[Finding]:
    """Where history and deals do not fit together. A log of changes has no row where nothing changed."""
    moves = deals.moves
    if moves is None:
        return []
    found: list[Finding] = []
    if moves.unknown:
        found.append(Finding("history_of_unknown_deals", moves.unknown, moves.unknown_sample))
    if moves.unreadable:
        found.append(Finding("unreadable_date", sum(moves.unreadable.values()), tuple(moves.unreadable)[:SAMPLE]))
    for code, query in _HISTORY_QUERIES.items():
        if code == "without_history" and moves.is_of_changes:
            continue
        found += _asked(deals, code, query.format(label=label))
    return found


def _written_differently(deals: Deals, column: str) -> list[Finding]:
    """Values that differ by blanks, case or a letter and are probably one: `GTXPro` and `GTX Pro`."""
    values = deals.engine.execute(
        f"SELECT {column}, count(*) FROM deals WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
        f" LIMIT {MOST_VALUES_COMPARED}"
    ).fetchall()
    pairs: list[str] = []
    rows = 0
    plain = {value: letters(value).replace(" ", "") for value, _count in values}
    for position, (value, count) in enumerate(values):
        for other, _more in values[:position]:
            if plain[value] == plain[other] or _alike(plain[value], plain[other]):
                pairs.append(f"{value} ~ {other}")
                rows += count
                break
    return [Finding(f"{column}_written_differently", rows, tuple(pairs[:SAMPLE]))] if pairs else []


def _alike(left: str, right: str) -> bool:
    # Digits tell products apart: GTX 100 is not GTX 200.
    if min(len(left), len(right)) < 8 or _digits(left) != _digits(right):  # noqa: PLR2004
        return False
    matcher = difflib.SequenceMatcher(None, left, right)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
