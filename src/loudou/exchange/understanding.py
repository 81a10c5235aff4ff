"""What was understood of a bank's file, kept beside it, so that the file is read once and not at each view.

The first line holds the counts, sums and first rows that the page shows; then come all rows, for the reading in and
the download. It names what it rests on: when a column, the reading or the account's statements change, it is void.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from loudou.contracts.services.ledger_drafts import BankRow
from loudou.exchange.bank_files import BadRow

SHOWN = 200
"""Movements, and rows that cannot be read, that a page lists."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A movement of the file: its row number, what it says, its amount as it would be kept, whether it is known."""

    number: int
    row: BankRow
    amount: Decimal
    is_known: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What a file would bring. Amounts are in its account's currency; money out is positive.

    `movements` and `bad` are the first `SHOWN`, `total` and `unreadable` count all of them. `known` movements were
    brought by an earlier file and count in the sums; `days` is the first and the last day, None without movements.
    """

    total: int
    known: int
    unreadable: int
    money_in: Decimal
    money_out: Decimal
    days: tuple[dt.date, dt.date] | None
    movements: list[Seen]
    bad: list[BadRow]

    @property
    def fresh(self) -> int:
        """How many movements are new."""
        return self.total - self.known


class Understanding:
    """The rows of one uploaded file as understood in one language, in a file beside it."""

    def __init__(self, upload: Path, *, language: str, rests_on: Sequence[object]) -> None:
        self._path = upload.with_name(f"{upload.name}.look-{language}.jsonl")
        self._rests_on = hashlib.sha256(json.dumps(rests_on, sort_keys=True, default=str).encode()).hexdigest()

    def look(self) -> Look | None:
        """What the page shows; None when nothing was understood yet, or what it rests on has changed."""
        try:
            with self._path.open(encoding="utf-8") as file:
                head = json.loads(file.readline())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        if head["rests_on"] != self._rests_on:
            return None
        return Look(
            total=head["total"],
            known=head["known"],
            unreadable=head["unreadable"],
            money_in=Decimal(head["money_in"]),
            money_out=Decimal(head["money_out"]),
            days=(_day(head["days"][0]), _day(head["days"][1])) if head["days"] else None,
            movements=[_seen(facts) for facts in head["movements"]],
            bad=[BadRow(*facts) for facts in head["bad"]],
        )

    def keep(self, movements: Sequence[Seen], bad: Sequence[BadRow]) -> Look:
        """Keep what was understood, in place of what was; all of it is there, or nothing."""
        days = [seen.row.booked_on for seen in movements]
        look = Look(
            total=len(movements),
            known=sum(seen.is_known for seen in movements),
            unreadable=len(bad),
            money_in=sum((seen.amount for seen in movements if seen.amount > 0), Decimal(0)),
            money_out=-sum((seen.amount for seen in movements if seen.amount < 0), Decimal(0)),
            days=(min(days), max(days)) if days else None,
            movements=list(movements[:SHOWN]),
            bad=list(bad[:SHOWN]),
        )
        unfinished = self._path.with_name(f"{self._path.name}.{os.getpid()}-{threading.get_ident()}")
        try:
            with unfinished.open("w", encoding="utf-8") as file:
                _write(file, self._head(look))
                for row in bad:
                    _write(file, {"bad": _facts_of_bad(row)})
                for seen in movements:
                    _write(file, _facts(seen))
            unfinished.replace(self._path)
        finally:
            unfinished.unlink(missing_ok=True)
        return look

    def movements(self) -> Iterator[Seen]:
        """All movements; `look` must have found something."""
        return (_seen(facts) for facts in self._rows() if isinstance(facts, list))

    def bad(self) -> Iterator[BadRow]:
        """All rows that cannot be read; `look` must have found something."""
        for facts in self._rows():
            if isinstance(facts, list):
                return
            yield BadRow(*facts["bad"])

    def _rows(self) -> Iterator[Any]:
        with self._path.open(encoding="utf-8") as file:
            file.readline()
            for text in file:
                yield json.loads(text)

    def _head(self, look: Look) -> dict[str, object]:
        return {
            "rests_on": self._rests_on,
            "total": look.total,
            "known": look.known,
            "unreadable": look.unreadable,
            "money_in": str(look.money_in),
            "money_out": str(look.money_out),
            "days": [day.isoformat() for day in look.days or ()],
            "movements": [_facts(seen) for seen in look.movements],
            "bad": [_facts_of_bad(row) for row in look.bad],
        }


def _write(file: Any, facts: object) -> None:
    file.write(json.dumps(facts, ensure_ascii=False, separators=(",", ":")) + "\n")


def _facts(seen: Seen) -> list[object]:
    row = seen.row
    return [
        seen.number, seen.is_known, str(seen.amount), row.booked_on.isoformat(), str(row.amount), row.payer,
        row.payer_account, row.remittance, row.reference,
    ]  # fmt: skip


def _facts_of_bad(row: BadRow) -> list[object]:
    return [row.number, row.cells, row.reasons]


def _seen(facts: list[Any]) -> Seen:
    number, is_known, amount, day, said, *texts = facts
    return Seen(number, BankRow(_day(day), Decimal(said), *texts), Decimal(amount), is_known)


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
