"""The command line: `loudou`. Commands read arguments, call services and selectors, and print; they decide nothing."""

import typer
from pydantic import ValidationError

from loudou import __version__
from loudou.config.cli import analyze, checks, demo, imports, people, repair, serve
from loudou.config.cli.language import _
from loudou.config.cli.opening import complain
from loudou.config.env import environment


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"loudou {__version__}")
        raise typer.Exit


VERSION = typer.Option(False, "--version", callback=_show_version, is_eager=True, help=_("Show the version and leave."))

app = typer.Typer(
    name="loudou",
    help=_("Loudou, a sales system whose numbers are backed by evidence."),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def root(version: bool = VERSION) -> None:
    """Give every command `--version` beside `--help`."""


app.command("serve", help=_("Serve the pages and run background jobs until Ctrl-C."))(serve.serve)
app.command("demo", help=_("Fill an empty installation with three years of a machine maker's sales."))(demo.demo)
app.command("import", help=_("Import files; exit code 1 when a row could not be imported."))(imports.import_files)
app.command(
    "check",
    help=_("Prove that stored figures agree with the rows they were made from; exit code 1 when they do not."),
)(checks.check)
app.command(
    "repair",
    help=_("Compute stored figures anew from the rows they follow from, and say what differed."),
)(repair.repair)
app.command(
    "analyze",
    help=_("Write a report on the deals in an export of any CRM; needs neither server nor database."),
)(analyze.analyze)
app.add_typer(people.users, name="user")
app.add_typer(people.tokens, name="token")
app.command("worker", help=_("Run background jobs only; `serve` starts one by itself."))(serve.worker)


def main() -> None:
    """Run the command line; a setting that cannot be right is named before anything happens."""
    try:
        environment()
    except ValidationError as wrong:
        for error in wrong.errors():
            complain(f"LOUDOU_{str(error['loc'][0]).upper()}: {error['msg']}")
        raise SystemExit(2) from wrong
    app()
