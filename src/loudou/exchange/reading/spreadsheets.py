"""Spreadsheets: checked before they are opened, and opened by a process that may die without harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from loudou.core.errors import DiskFull
from loudou.exchange.errors import FileTooCostly, FileUnreadable
from loudou.exchange.reading.converter import TOO_COSTLY
from loudou.exchange.reading.row import Line, unguarded

MOST_UNPACKED = 2 * 1024**3
MOST_RATIO = 150
SMALL = 64 * 1024**2
"""Below this size a high ratio is harmless: a sheet of equal cells shrinks a hundredfold."""

MOST_PARTS = 5000
PATIENCE = 330


def check_archive(path: Path, *, name: str) -> None:
    """Refuse a spreadsheet that would unpack to far more than a real one. Raises FileTooCostly, FileUnreadable."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise FileUnreadable(name=name) from error
    unpacked = sum(part.file_size for part in parts)
    packed = max(path.stat().st_size, 1)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or (unpacked > SMALL and unpacked / packed > MOST_RATIO):
        raise FileTooCostly(name=name)


def sheet_names(path: Path, *, name: str) -> list[str]:
    """Names of the sheets. Raises FileUnreadable, FileTooCostly."""
    found: list[str] = json.loads(_run(["sheets", str(path)], name=name))
    return found


def convert_sheet(path: Path, *, name: str, sheet: int, target: Path) -> None:
    """Write one sheet as lines of JSON, once, for later steps. Raises FileUnreadable, FileTooCostly, DiskFull."""
    if target.exists():
        return
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        _run(["convert", str(path), str(sheet), str(unfinished)], name=name)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def read_converted(path: Path) -> Iterator[Line]:
    """Yield the rows of a converted sheet."""
    with path.open(encoding="utf-8") as file:
        for text in file:
            number, cells = json.loads(text)
            yield Line(number, [unguarded(cell) for cell in cells])


def _run(order: list[str], *, name: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - our own module, with arguments that no shell reads
            [sys.executable, "-m", "loudou.exchange.reading.converter", *order],
            capture_output=True,
            timeout=PATIENCE,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
    except subprocess.TimeoutExpired as error:
        raise FileTooCostly(name=name) from error
    if done.returncode == 0:
        return done.stdout.decode()
    if b"No space left on device" in done.stderr:
        raise DiskFull
    killed = done.returncode < 0 or b"memory allocation" in done.stderr
    raise FileTooCostly(name=name) if killed or done.returncode == TOO_COSTLY else FileUnreadable(name=name)
