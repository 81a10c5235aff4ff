"""`loudou analyze`: needs neither server nor database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from loudou.config.cli.language import _
from loudou.config.cli.opening import complain, say
from loudou.config.env import terminal_language

FILES = typer.Argument(..., exists=True, dir_okay=False, help=_("CSV, TSV, XLSX, XLS, ODS or Parquet files."))
HISTORY = typer.Option(
    [],
    "--history",
    exists=True,
    dir_okay=False,
    help=_("A file of moves between stages, beside the deals; repeat as needed."),
)
MAP_HISTORY = typer.Option([], "--map-history", metavar="FIELD=COLUMN", help=_("The same for a file of moves."))
MAP = typer.Option([], "--map", metavar="FIELD=COLUMN", help=_("Say which column holds a field; repeat as needed."))
WON = typer.Option([], "--won", help=_("A word that means won; repeat as needed."))
LOST = typer.Option([], "--lost", help=_("A word that means lost; repeat as needed."))
OUT = typer.Option(Path("loudou-report.html"), "--out", dir_okay=False, help=_("Where to write the report."))
JSON = typer.Option(None, "--json", dir_okay=False, help=_("Also write the figures as JSON."))


def analyze(
    files: list[Path] = FILES,
    map_: list[str] = MAP,
    history: list[Path] = HISTORY,
    map_history: list[str] = MAP_HISTORY,
    won: list[str] = WON,
    lost: list[str] = LOST,
    out: Path = OUT,
    json_file: Path | None = JSON,
) -> None:
    """Write a report on the deals in an export of any CRM: win rates, forecast, sales people, what is wrong."""
    _configure()
    from django.utils import translation

    from loudou.analyze import deals, report
    from loudou.analyze.analysis import analyze as ask
    from loudou.analyze.columns import Choices
    from loudou.analyze.figures import as_json
    from loudou.core.clock import now
    from loudou.core.refusals import BusinessRefusal

    choices = Choices(columns=_pairs(map_), history_columns=_pairs(map_history), won=won, lost=lost)
    with translation.override(terminal_language()):
        try:
            with Progress(
                SpinnerColumn(), TextColumn("{task.description}{task.fields[rows]}"), TimeElapsedColumn(),
                console=Console(stderr=True), transient=True,
            ) as shown:  # fmt: skip
                task = shown.add_task(_("Reading deals"), total=None, rows="")

                def read(rows: int) -> None:
                    shown.advance(task, rows)
                    shown.update(task, rows=f" {shown.tasks[0].completed:,.0f}")

                def say_step(step: str) -> None:
                    shown.update(task, description=step, rows="")

                loaded = deals.load(files, choices, progress=read, history=history, today=now().astimezone().date())
                found = ask(loaded, tuple(path.name for path in (*files, *history)), progress=say_step)
                report.write_report(found, out, first=terminal_language())
        except BusinessRefusal as refusal:
            complain(str(refusal))
            raise typer.Exit(1) from refusal
    if json_file is not None:
        json_file.write_text(json.dumps(as_json(found), ensure_ascii=False, indent=2), encoding="utf-8")
    say(_("Columns were read as: %(columns)s") % {"columns": _told(found.mapping)})
    if found.moves is not None:
        say(_("Columns of the history were read as: %(columns)s") % {"columns": _told(found.moves.mapping)})
    say(
        _("%(rows)s deals: %(won)s won, %(lost)s lost, %(open)s open. Report: %(report)s")
        % {"rows": f"{found.rows:,}", **{k: f"{v:,}" for k, v in found.outcomes.items()}, "report": out}
    )


def _pairs(given: list[str]) -> dict[str, str]:
    return {name: value for name, _sign, value in (part.partition("=") for part in given)}


def _told(mapping: Mapping[str, str]) -> str:
    return ", ".join(f"{field} = {header}" for field, header in mapping.items())


def _configure() -> None:
    """Give Django what reading and translating need, and no database, home folder or key."""
    import django
    from django.conf import settings

    if settings.configured:
        return
    package = Path(__file__).resolve().parents[2]
    settings.configure(
        USE_I18N=True,
        USE_TZ=True,
        LANGUAGES=[("en", "English"), ("zh-hans", "简体中文")],
        FORMAT_MODULE_PATH=["loudou.config.formats"],
        LOCALE_PATHS=sorted(str(path) for path in package.glob("*/locale")),
    )
    django.setup()
