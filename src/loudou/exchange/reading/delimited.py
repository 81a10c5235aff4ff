"""Text tables: CSV, TSV and their relatives, one row at a time."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from loudou.exchange.errors import EncodingWrong, FileUnreadable
from loudou.exchange.reading.row import Line, unguarded

DELIMITERS = {",": ",", ";": ";", "\t": "Tab", "|": "|"}
"""Separators offered, with the name shown for each."""

LONGEST_CELL = 1024 * 1024
_SAMPLE_LINES = 50
_HEAD = 64 * 1024


def guess_delimiter(path: Path, encoding: str) -> str:
    """The separator that cuts the first lines into the same number of cells, more than one; a comma otherwise."""
    with path.open("rb") as file:
        text = file.read(_HEAD).decode(encoding, errors="replace")
    lines = text.splitlines()[:_SAMPLE_LINES]
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        if not widths:
            continue
        width, often = widths.most_common(1)[0]
        score = (width > 1) * often / widths.total() * min(width, 20) ** 0.5
        if score > best_score:
            best, best_score = delimiter, score
    return best


def read_delimited(path: Path, *, name: str, encoding: str, delimiter: str) -> Iterator[Line]:
    """Yield the rows that are not empty, with their number in the file. Raises EncodingWrong and FileUnreadable."""
    csv.field_size_limit(LONGEST_CELL)
    number = 0
    with path.open("rb") as raw:
        text = io.TextIOWrapper(raw, encoding=encoding, errors="strict", newline="")
        reader = csv.reader(text, delimiter=delimiter)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except UnicodeDecodeError as error:
                raise EncodingWrong(row=number + 1, name=name, encoding=encoding) from error
            except csv.Error as error:
                raise FileUnreadable(name=name) from error
            number += 1
            if any(cells):
                yield Line(number, [unguarded(cell) for cell in cells])
