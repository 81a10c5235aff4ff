"""What `loudou import` does: the wizard's steps, with a mapping file in place of clicks."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.files import File

from loudou.core.actors import Actor
from loudou.exchange.choices import JobStatus, Mode, Reconcile, RowStatus
from loudou.exchange.errors import MappingFileWrong
from loudou.exchange.models import ImportJob
from loudou.exchange.services import jobs, running
from loudou.exchange.services.directory import MANY, Directory
from loudou.exchange.targets import KINDS, Reference
from loudou.exchange.values.texts import letters

NO_LIMIT_MB = 1024 * 1024
"""Whoever works on the machine itself may load files of any size."""

BY_NAME = {"owner": Reference.USER, "team": Reference.TEAM}
"""Options that a mapping file gives by name."""

OPTIONS = (jobs.OPTIONS - {f"{option}_id" for option in BY_NAME}) | BY_NAME.keys()

Clock = Callable[[], dt.datetime]


@dataclass(frozen=True)
class MappingFile:
    """How to import a file, written down: kind, columns by heading, defaults, options, decisions about values."""

    kind: str
    mode: str = Mode.BOTH
    columns: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    reading: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> MappingFile:
        """Read a mapping file. Raises MappingFileWrong."""
        try:
            written = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise MappingFileWrong(name=path.name, problem=str(error)) from error
        unknown = sorted(written.keys() - cls.__dataclass_fields__.keys())
        if unknown:
            raise MappingFileWrong(name=path.name, problem=", ".join(unknown))
        if written.get("kind") not in KINDS:
            raise MappingFileWrong(name=path.name, problem=f"kind: {' | '.join(KINDS)}")
        if written.get("mode", Mode.BOTH) not in Mode.values:
            raise MappingFileWrong(name=path.name, problem=f"mode: {' | '.join(Mode.values)}")
        mapping = cls(**written)
        codes = {target.code for target in KINDS[mapping.kind].targets}
        wrong = {*mapping.columns.values(), *mapping.defaults, *mapping.values} - codes
        wrong |= set(mapping.options) - OPTIONS
        if wrong:
            raise MappingFileWrong(name=path.name, problem=", ".join(sorted(wrong)))
        return mapping

    @classmethod
    def of(cls, kind: str) -> MappingFile:
        """A mapping that leaves all but the kind to the headings. Raises MappingFileWrong."""
        if kind not in KINDS:
            raise MappingFileWrong(name="--kind", problem=" | ".join(KINDS))
        return cls(kind=kind)

    def decisions(self) -> dict[str, dict[str, dict[str, str]]]:
        """`GTXPro = "GTX Pro"` means that one; `{ do = "create" | "empty" | "fail" }` says something else."""
        return {
            code: {
                value: ({"do": Reconcile.MAP.value, "to": choice} if isinstance(choice, str) else dict(choice))
                for value, choice in choices.items()
            }
            for code, choices in self.values.items()
        }


def run(
    actor: Actor,
    path: Path,
    *,
    now: Clock,
    mapping: MappingFile,
    dry_run: bool = False,
    all_or_nothing: bool = False,
    report: Callable[[ImportJob], None] = lambda _job: None,
) -> ImportJob:
    """Import one file to the end, or only try it, and return the job with its counts.

    With `all_or_nothing` it is tried first, and nothing is written when a row fails. `report` is called after
    each step. Raises the refusals of the wizard's steps; a job that gave up in the middle comes back with status
    FAILED or PAUSED and the sentence in `trouble`.
    """
    job = jobs.create_import(actor, kind=mapping.kind, mode=mapping.mode)
    with path.open("rb") as content:
        job = jobs.attach_file(actor, job.pk, content=File(content), name=path.name, limit_mb=NO_LIMIT_MB)
    reading = {
        name: mapping.reading.get(name, getattr(job, name)) for name in ("encoding", "delimiter", "sheet", "header_row")
    }
    job = jobs.choose_reading(actor, job.pk, **reading, at=now())
    job = _worked(job, now)
    report(job)
    if job.status == JobStatus.FAILED:
        return job
    chosen = _columns(job, mapping, path.name) if mapping.columns else {int(c): code for c, code in job.mapping.items()}
    job = jobs.map_columns(actor, job.pk, mapping=chosen, defaults=mapping.defaults)
    if mapping.options:
        job = jobs.choose_matching(actor, job.pk, **_options(actor, mapping, path.name))
    job = jobs.reconcile(actor, job.pk, decisions=mapping.decisions())
    if dry_run or all_or_nothing:
        job = _worked(jobs.request_check(actor, job.pk, at=now()), now)
        report(job)
        if dry_run or job.status != JobStatus.READY or job.counts.get("check", {}).get(RowStatus.FAILED):
            return job
    job = _worked(jobs.request_run(actor, job.pk, at=now()), now)
    report(job)
    return job


def counted(job: ImportJob) -> dict[str, int]:
    """Rows created, updated, skipped and failed, of the run or else of the dry run."""
    counts = job.counts.get("run") or job.counts.get("check") or {}
    return {
        status: counts.get(status, 0)
        for status in (RowStatus.CREATED, RowStatus.UPDATED, RowStatus.SKIPPED, RowStatus.FAILED)
    }


def _worked(job: ImportJob, now: Clock) -> ImportJob:
    running.work_on(job.pk, now=now)
    job.refresh_from_db()
    return job


def _options(actor: Actor, mapping: MappingFile, name: str) -> dict[str, Any]:
    """The options with people and teams found by their names. Raises MappingFileWrong."""
    options = dict(mapping.options)
    directory = Directory(actor)
    for option, reference in BY_NAME.items():
        if said := options.pop(option, ""):
            directory.look_up(reference, [said])
            found = directory.find(reference, said)
            if found is None or found == MANY:
                raise MappingFileWrong(name=name, problem=f"{option} = {said}")
            options[f"{option}_id"] = found
    return options


def _columns(job: ImportJob, mapping: MappingFile, name: str) -> dict[int, str]:
    by_heading = {letters(header): column for column, header in reversed(list(enumerate(job.headers)))}
    absent = [heading for heading in mapping.columns if letters(heading) not in by_heading]
    if absent:
        raise MappingFileWrong(name=name, problem=", ".join(absent))
    return {by_heading[letters(heading)]: code for heading, code in mapping.columns.items()}
