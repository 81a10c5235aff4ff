"""A table in a file, whatever its format: which sheets and encodings it may have, and its rows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from loudou.exchange.errors import FileKindUnknown
from loudou.exchange.reading import delimited, encodings, spreadsheets
from loudou.exchange.reading.row import Line

TEXT_KINDS = frozenset({".csv", ".tsv", ".txt"})
ZIPPED_KINDS = frozenset({".xlsx", ".ods", ".xlsm"})
SPREADSHEETS = ZIPPED_KINDS | {".xls"}
KINDS = TEXT_KINDS | SPREADSHEETS


@dataclass(frozen=True, slots=True)
class Table:
    """A file with the choices needed to read it. `name` is what the person calls it, for sentences."""

    path: Path
    name: str
    encoding: str = ""
    delimiter: str = ""
    sheet: int = 0
    header_row: int = 1

    @property
    def is_spreadsheet(self) -> bool:
        """Whether the file has sheets, and no encoding or separator to choose."""
        return kind_of(self.name) in SPREADSHEETS

    def lines(self) -> Iterator[Line]:
        """Yield every row that is not empty, headings included."""
        if not self.is_spreadsheet:
            yield from delimited.read_delimited(
                self.path, name=self.name, encoding=self.encoding, delimiter=self.delimiter
            )
            return
        converted = self.path.with_name(f"{self.path.name}.sheet{self.sheet}.jsonl")
        spreadsheets.convert_sheet(self.path, name=self.name, sheet=self.sheet, target=converted)
        yield from spreadsheets.read_converted(converted)

    def head(self, most: int) -> list[Line]:
        """The first rows, headings included."""
        return list(itertools.islice(self.lines(), most))

    def headers(self) -> list[str]:
        """The headings: cells of the header row without outer blanks, up to the last that is not empty."""
        for line in self.lines():
            if line.number >= self.header_row:
                return headings_in(line)
        return []

    def rows(self) -> Iterator[Line]:
        """Yield the rows below the headings."""
        return (line for line in self.lines() if line.number > self.header_row)


def headings_in(line: Line) -> list[str]:
    """The cells of a row as headings."""
    names = [" ".join(cell.split()) for cell in line.cells]
    while names and not names[-1]:
        names.pop()
    return names


def kind_of(name: str) -> str:
    """The ending of a file's name, in lower case."""
    return Path(name).suffix.lower()


def inspect(path: Path, *, name: str) -> Table:
    """Look at a new file and propose how to read it. Raises FileKindUnknown, FileTooCostly, FileUnreadable."""
    kind = kind_of(name)
    if kind not in KINDS:
        raise FileKindUnknown(name=name)
    if kind in SPREADSHEETS:
        if kind in ZIPPED_KINDS:
            spreadsheets.check_archive(path, name=name)
        spreadsheets.sheet_names(path, name=name)
        return Table(path, name, header_row=_guess_header_row(Table(path, name)))
    encoding = encodings.guess_encodings(path)[0].encoding
    delimiter = delimited.guess_delimiter(path, encoding)
    table = Table(path, name, encoding, delimiter)
    return Table(path, name, encoding, delimiter, header_row=_guess_header_row(table))


def _guess_header_row(table: Table) -> int:
    """The first row as wide as the widest of the first ones: titles above a table are narrower than it."""
    head = table.head(10)
    if not head:
        return 1
    filled = [sum(1 for cell in line.cells if cell.strip()) for line in head]
    widest = max(filled)
    return next(line.number for line, width in zip(head, filled, strict=True) if width * 2 > widest)
