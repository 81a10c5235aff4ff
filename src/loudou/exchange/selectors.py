"""Questions about imports: which there are, what a file has that is not known here, and which rows failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet

from loudou.core.actors import Actor
from loudou.exchange.choices import ObjectKind, Reconcile, RowStatus
from loudou.exchange.models import ImportJob, ImportRow
from loudou.exchange.services.directory import MANY, Directory
from loudou.exchange.services.resembling import closest_names
from loudou.exchange.services.staging import distinct_values
from loudou.exchange.targets import KINDS, Reference, Target, ValueType
from loudou.exchange.targets.synonyms import choice_words
from loudou.exchange.targets.target import CREATABLE
from loudou.exchange.values.texts import closest, letters, read_list, same, tidy
from loudou.people.models import Team, User
from loudou.people.permissions import granted

MOST_SHOWN = 200
"""Values asked about on one page, all targets together: each takes four fields of a form, which may have a thousand."""

MOST_OFFERED = 1000


@dataclass(frozen=True, slots=True)
class UnknownValue:
    """A value of the file that names nothing known: how often it occurs, what resembles it, what was decided."""

    text: str
    rows: int
    suggestion: str | None
    do: str
    to: str


@dataclass(frozen=True, slots=True)
class Unknowns:
    """The unknown values of one target, with what may be chosen instead of them."""

    target: Target
    values: list[UnknownValue]
    hidden: int
    offered: list[str]
    may_create: bool
    may_guess: bool
    rest: str


def imports(actor: Actor) -> QuerySet[ImportJob]:
    """Imports the actor may see, newest first; those without a file yet are left out."""
    return ImportJob.objects.visible_to(actor).exclude(file_name="").select_related("created_by")


def unknown_values(job: ImportJob, actor: Actor) -> list[Unknowns]:
    """For each target that must name something known: the values that do not."""
    kind = KINDS[job.kind]
    directory = Directory(actor)
    found: list[tuple[Target, dict[str, int]]] = []
    for column, code in sorted(job.mapping.items(), key=lambda pair: int(pair[0])):
        target = kind.target(code)
        if target.is_reconciled:
            counted = _counted(job, int(column), target)
            if unknown := _unknown(job, directory, target, counted):
                found.append((target, unknown))
    shares = _shares([len(unknown) for _target, unknown in found])
    return [
        _described(job, directory, target, unknown, most=most)
        for (target, unknown), most in zip(found, shares, strict=True)
    ]


def _shares(wanted: list[int]) -> list[int]:
    """How many values of each target are shown: small ones whole, the others share what is left evenly."""
    shares, left = [0] * len(wanted), MOST_SHOWN
    smallest_first = sorted(range(len(wanted)), key=wanted.__getitem__)
    for done, place in enumerate(smallest_first):
        shares[place] = min(wanted[place], left // (len(wanted) - done))
        left -= shares[place]
    return shares


def _counted(job: ImportJob, column: int, target: Target) -> dict[str, int]:
    counted: dict[str, int] = {}
    for text, often in distinct_values(job, column):
        for name in read_list(text) if target.value == ValueType.REFERENCES else [tidy(text)]:
            counted[name] = counted.get(name, 0) + often
    return counted


def _unknown(job: ImportJob, directory: Directory, target: Target, counted: dict[str, int]) -> dict[str, int]:
    if target.value == ValueType.CHOICE:
        words = choice_words(target)
        return {text: often for text, often in counted.items() if letters(text) not in words}
    if target.reference is None:
        return {}
    if target.reference == Reference.STAGE:
        return {text: often for text, often in counted.items() if directory.stage(text, None) is None}
    directory.look_up(target.reference, counted)
    in_file = _names_in_file(job) if target.code == "parent" else set()
    return {
        text: often
        for text, often in counted.items()
        if directory.find(target.reference, text) in (None, MANY) and same(text) not in in_file
    }


def _names_in_file(job: ImportJob) -> set[str]:
    columns = [int(column) for column, code in job.mapping.items() if code == "name"]
    return {same(name) for column in columns for name, _often in distinct_values(job, column)}


def _described(job: ImportJob, directory: Directory, target: Target, unknown: dict[str, int], *, most: int) -> Unknowns:
    offered = offered_names(directory, target)
    decided: dict[str, dict[str, str]] = job.reconciled.get(target.code, {})
    shown = list(unknown.items())[:most]
    likely = _likely(directory, target, [text for text, _often in shown], offered)
    values = []
    for text, often in shown:
        decision = decided.get(same(text), {})
        suggestion = likely.get(text)
        values.append(UnknownValue(text, often, suggestion, decision.get("do", ""), decision.get("to", "")))
    return Unknowns(
        target,
        values,
        hidden=len(unknown) - len(shown),
        offered=offered[:MOST_OFFERED],
        may_create=target.reference in CREATABLE,
        may_guess=any(value.suggestion for value in values) and target.reference not in (None, Reference.STAGE),
        rest=decided.get("*", {}).get("do", Reconcile.FAIL.value),
    )


def _likely(directory: Directory, target: Target, names: list[str], offered: list[str]) -> dict[str, str]:
    """Known names that look like these."""
    if target.reference is None or target.reference == Reference.STAGE:
        return {name: like for name in names if (like := closest(name, offered)) is not None}
    return closest_names(directory, target.reference, names)


def offered_names(directory: Directory, target: Target) -> list[str]:
    """Names that may be chosen for a target; empty for kinds of which there are too many, such as customers."""
    if target.choices is not None:
        return [str(label) for _value, label in target.choices.choices]
    return directory.known(target.reference) if target.reference is not None else []


def made_users(job: ImportJob) -> list[int]:
    """Ids of the users an import made, managers whom its rows named included; none for other kinds."""
    if job.kind != ObjectKind.USERS:
        return []
    rows = rows_with(job, status=RowStatus.CREATED, dry=False).values_list("target_id", flat=True)
    managers = job.extras.filter(label=User._meta.label_lower).values_list("target_id", flat=True)
    return [pk for pk in (*rows, *managers) if pk is not None]


def without_password(ids: Iterable[int]) -> int:
    """How many of these users cannot sign in yet because they have no password."""
    return sum(1 for user in User.objects.filter(pk__in=list(ids), is_active=True) if not user.has_usable_password())


def possible_owners() -> list[tuple[int, str]]:
    """People who can own records, by name: id and name."""
    people = User.objects.filter(is_active=True).order_by("name")
    return [(user.pk, str(user)) for user in people if "pipeline.view" in granted(user.roles)]


def possible_teams() -> list[tuple[int, str]]:
    """Active teams that have members, by name: id and name."""
    teams = Team.objects.filter(is_active=True, memberships__ended_on=None).distinct().order_by("name")
    return list(teams.values_list("pk", "name"))


def rows_with(job: ImportJob, *, status: str, dry: bool) -> QuerySet[ImportRow]:
    """Rows of which the dry run (or the run) said this, in the order of the file."""
    rows = ImportRow.objects.filter(job=job).order_by("number")
    return rows.filter(verdict=status) if dry else rows.filter(status=status)


def status_counts(job: ImportJob) -> dict[str, int]:
    """How many rows stand at each status (one statement)."""
    return dict(ImportRow.objects.filter(job=job).order_by().values_list("status").annotate(Count("pk")))


def failed_rows(job: ImportJob) -> QuerySet[ImportRow]:
    """Rows that failed, in the run if there was one, else in the dry run."""
    return rows_with(job, status=RowStatus.FAILED, dry=job.started_at is None)


def reasons(job: ImportJob, *, most: int = 20) -> list[tuple[str, str, int]]:
    """What is said of rows, most of all why they were skipped or failed: status, reason and number, most first."""
    column = "verdict" if job.started_at is None else "status"
    query = f"""
        SELECT {column}, reason, count(*) FROM exchange_importrow, unnest(reasons) AS reason
        WHERE job_id = %s AND {column} NOT IN ('', 'pending') GROUP BY 1, 2 ORDER BY 3 DESC, 2 LIMIT %s
    """  # noqa: S608 - one of two column names of our own
    with connection.cursor() as cursor:
        cursor.execute(query, [job.pk, most])
        found: list[tuple[str, str, int]] = cursor.fetchall()
        return found


def row_records(job: ImportJob, rows: QuerySet[ImportRow]) -> Iterator[list[Any]]:
    """Rows for a file: number, cells, reasons in one cell."""
    width = len(job.headers)
    for row in rows.iterator(chunk_size=2000):
        cells = [*row.cells[:width], *[""] * (width - len(row.cells))]
        yield [row.number, *cells, " ".join(row.reasons)]
