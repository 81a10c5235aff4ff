"""`loudou import`: the wizard's engine, with mapping files in place of clicks."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from loudou.config.cli.language import _
from loudou.config.cli.opening import complain, installation, say
from loudou.config.cli.people import find_user

if TYPE_CHECKING:
    from loudou.core.actors import Actor
    from loudou.exchange.models import ImportJob

FILE = typer.Argument(None, help=_("File to import: CSV, TSV, XLSX, XLS or ODS."))
MAPPING = typer.Option(None, help=_("Mapping file (TOML) that says what the rows and columns are."))
KIND = typer.Option(None, help=_("What the rows are, when there is no mapping file: the headings say the rest."))
BATCH = typer.Option(None, help=_("Batch file (TOML) that names several files and their mappings, in order."))
DATA = typer.Option(None, help=_("Folder of the batch's files; that of the batch file when left out."))
DRY_RUN = typer.Option(False, "--dry-run", help=_("Only say what would happen."))
ALL_OR_NOTHING = typer.Option(
    False, "--all-or-nothing", help=_("Try a file first, and write nothing when a row fails.")
)
AS_USER = typer.Option(None, "--as", help=_("User whose rights and name the import has; the system when left out."))
SHOWN = 10


@dataclass(frozen=True)
class Step:
    """One file with its mapping, or with the kind of its rows."""

    file: Path
    mapping: Path | None
    kind: str = ""


def import_files(
    file: Path | None = FILE,
    mapping: Path | None = MAPPING,
    kind: str | None = KIND,
    batch: Path | None = BATCH,
    data: Path | None = DATA,
    dry_run: bool = DRY_RUN,
    all_or_nothing: bool = ALL_OR_NOTHING,
    as_user: str | None = AS_USER,
) -> None:
    """Import one file, or the files of a batch in order; exit code 1 when a row or a file could not be imported."""
    if (batch is None) == (file is None or (mapping is None) == (kind is None)):
        complain(_("Name a file and its --mapping or --kind, or a --batch."))
        raise typer.Exit(2)
    plan: dict[str, Any] = _read(batch) if batch else {}
    steps = _steps(plan, batch, data) if batch else [Step(Path(str(file)), mapping, kind or "")]
    for missing in [path for step in steps for path in (step.file, step.mapping) if path and not path.exists()]:
        complain(_("There is no file %(name)s.") % {"name": missing})
        raise typer.Exit(2)
    with installation(source="import"):
        from loudou.core.actors import SYSTEM
        from loudou.pipeline.services.rates import set_base_currency

        actor: Actor = find_user(as_user) if as_user else SYSTEM
        if "base_currency" in plan and not dry_run:
            set_base_currency(actor, currency=plan["base_currency"])
        # A file that failed ends the batch: later files refer to what earlier ones bring.
        is_good = True
        for step in steps:
            is_good = is_good and _import(actor, step, dry_run=dry_run, all_or_nothing=all_or_nothing)
        _say_totals(actor)
    if not is_good:
        raise typer.Exit(1)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as reason:
        complain(f"{path}: {reason}")
        raise typer.Exit(2) from reason


def _steps(plan: dict[str, Any], batch: Path, data: Path | None) -> list[Step]:
    folder = data or batch.parent
    return [Step(folder / entry["file"], batch.parent / entry["mapping"]) for entry in plan.get("files", ())]


def _import(actor: Actor, step: Step, *, dry_run: bool, all_or_nothing: bool) -> bool:
    """Import one file and say what became of it; tell whether every row made it."""
    from loudou.core import clock
    from loudou.exchange import command
    from loudou.exchange.choices import JobStatus, RowStatus

    mapping = command.MappingFile.load(step.mapping) if step.mapping else command.MappingFile.of(step.kind)
    job = command.run(actor, step.file, now=clock.now, mapping=mapping, dry_run=dry_run, all_or_nothing=all_or_nothing)
    counts = command.counted(job)
    words = ", ".join(f"{number:,} {RowStatus(status).label}" for status, number in counts.items() if number)
    words = words or _("no rows")
    tried = _("dry run") if dry_run else ""
    say(f"{step.file.name}: {words}" + (f" ({tried})" if tried else ""))
    _say_reasons(job)
    if job.trouble:
        complain(job.trouble)
    if job.status == JobStatus.READY and not dry_run:
        complain(_("Nothing was written, because not every row is right."))
    finished = {JobStatus.READY} if dry_run else {JobStatus.DONE}
    return job.status in finished and not counts[RowStatus.FAILED]


def _say_reasons(job: ImportJob) -> None:
    from django.db.models import Q

    from loudou.exchange.choices import RowStatus

    failed = job.rows.filter(Q(verdict=RowStatus.FAILED) | Q(status=RowStatus.FAILED)).order_by("number")
    for row in failed[:SHOWN]:
        say("  " + _("row %(number)s: %(reasons)s") % {"number": row.number, "reasons": " ".join(row.reasons)})
    if (more := failed.count() - SHOWN) > 0:
        say("  " + _("and %(count)s more") % {"count": more})


def _say_totals(actor: Actor) -> None:
    """Say how many opportunities there are now, by state, and the open ones by stage."""
    from django.db.models import Count

    from loudou.pipeline.choices import State
    from loudou.pipeline.models import Opportunity

    visible = Opportunity.objects.visible_to(actor)
    states = dict(visible.values_list("state").annotate(Count("pk")).order_by())
    if not states:
        return
    say(_("Opportunities") + ": " + ", ".join(f"{states[state]:,} {state.label}" for state in State if state in states))
    stages = visible.filter(state=State.OPEN).values_list("stage__name").annotate(Count("pk"))
    for name, number in stages.order_by("stage__position"):
        say(f"  {name}: {number:,}")
