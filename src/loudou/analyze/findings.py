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
_NEEDS = {
    "no_owner": "owner",
    "no_customer": "customer",
    "no_opening_date": "opened_on",
    "open_without_amount": "amount",
}
_UNREADABLE = {"amount": "unreadable_amount", "pushes": "unreadable_number"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of fault: a stable code, how often it occurs, and up to five examples."""

    code: str
    count: int
    sample: tuple[str, ...]


def findings(deals: Deals) -> list[Finding]:
    """All faults that occur, the most frequent first. A column the files do not have is no fault."""
    label = "coalesce(id, subject, 'row ' || (place + 1))"
    found = []
    for code, query in _QUERIES.items():
        if code in _NEEDS and _NEEDS[code] not in deals.mapping:
            continue
        sql = query.format(label=label)
        given = {"as_of": deals.as_of} if "$as_of" in sql else None
        [(count,)] = deals.engine.execute(f"SELECT count(*) FROM ({sql})", given).fetchall()
        if count:
            rows = deals.engine.execute(f"{sql} LIMIT {SAMPLE}", given).fetchall()
            found.append(Finding(code, count, tuple(str(row[0]) for row in rows)))
    for column, values in deals.unreadable.items():
        kind = _UNREADABLE.get(column, "unreadable_date")
        found.append(Finding(kind, sum(values.values()), tuple(values)[:SAMPLE]))
    for column in ("product", "owner", "customer"):
        found += _written_differently(deals, column)
    return sorted(found, key=lambda finding: -finding.count)


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
