"""Write docs/reference from the code: `python -m tools.reference`; with --check only tell whether it is up to date."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "reference"
NOTE = "<!-- Written by `make reference` from the code. -->"
WIDTH = 100


def main() -> int:
    """Write or compare the pages."""
    _set_up()
    pages = {
        "settings.md": settings(),
        "cli.md": cli(),
        "permissions.md": permissions(),
        "services.md": services(),
        "refusals.md": refusals(),
        "checks.md": checks(),
        "input-tables.md": input_tables(),
    }
    check_only, outdated = "--check" in sys.argv, []
    for name, lines in pages.items():
        title, *body = lines
        path, text = TARGET / name, "\n".join([f"# {title}", "", NOTE, "", *body]).rstrip() + "\n"
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        outdated.append(name)
        if not check_only:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if check_only and outdated:
        print(f"docs/reference is out of date ({', '.join(outdated)}): run `make reference`.")
    return 1 if check_only and outdated else 0


def settings() -> Iterator[str]:
    """Environment variables."""
    from loudou.config.env import Environment

    yield from (
        "Settings",
        "Loudou reads these environment variables and no others. Secrets may also come from files.",
        "",
    )
    rows = []
    for name, field in Environment.model_fields.items():
        default = "" if field.default is None else str(field.default)
        rows.append((f"`LOUDOU_{name.upper()}`", f"`{default}`" if default else "", field.description or ""))
    yield from table(("variable", "default", "meaning"), rows)


def cli() -> Iterator[str]:
    """Help of every command."""
    import typer.main

    from loudou.config.cli import app

    yield from ("Command line", "`loudou COMMAND --help` shows the same; in Chinese when the terminal is.", "")
    yield from _help(typer.main.get_command(app), "loudou", None)


def permissions() -> Iterator[str]:
    """Verbs and scopes by role."""
    from loudou.people.access import SCOPES
    from loudou.people.choices import Role, Scope
    from loudou.people.permissions import GRANTS, PERMISSIONS

    roles = list(Role)
    yield from ("Permissions", "What each role may do. A user with several roles may do what any of them allows.", "")
    heading = ("verb", "allows to", *(str(role.label) for role in roles))
    yield from table(
        heading,
        [
            (f"`{verb}`", str(words), *("✓" if verb in GRANTS[role] else "" for role in roles))
            for verb, words in PERMISSIONS.items()
        ],
    )
    yield from ("", "## Which records", "", "How far each role sees; the widest of a user's roles counts.", "")
    labels = sorted({label for scopes in SCOPES.values() for label in scopes})
    yield from table(
        ("records", *(str(role.label) for role in roles)),
        [(f"`{label}`", *(str(SCOPES[role].get(label, Scope.NONE).label) for role in roles)) for label in labels],
    )


def services() -> Iterator[str]:
    """Every verb, with the permission it asks for and its first sentence."""
    from loudou.core.verbs import SERVICES

    yield from (
        "Services",
        "Every change goes through one of these verbs, from pages, API, imports and commands alike.",
    )
    modules: dict[str, list[tuple[str, str, str]]] = {}
    for dotted, permission in sorted(SERVICES.items()):
        module, _, name = dotted.rpartition(".")
        function = getattr(importlib.import_module(module), name)
        modules.setdefault(module, []).append((f"`{name}`", f"`{permission}`", first_sentence(function)))
    for module, rows in modules.items():
        yield from ("", f"## {module.removeprefix('loudou.')}", "")
        yield from table(("verb", "permission", "does"), rows)


def refusals() -> Iterator[str]:
    """Every code that the API answers with."""
    from loudou.core.refusals import BusinessRefusal

    yield from (
        "Refusals",
        "What Loudou says when it will not do something. Codes are stable; sentences may improve.",
        "",
    )
    found = sorted(_descendants(BusinessRefusal), key=lambda kind: (kind.code, kind.__module__))
    yield from table(
        ("code", "status", "sentence", "from"),
        [
            (f"`{kind.code}`", str(kind.status), str(kind.message), f"`{kind.__module__.removeprefix('loudou.')}`")
            for kind in found
        ],
    )


def checks() -> Iterator[str]:
    """What `loudou check` proves."""
    from loudou.core import checks as registry

    registry.load()
    yield from ("Checks", "`loudou check` proves these sentences about the stored data.", "")
    yield from table(
        ("check", "proves"),
        [(f"`{name}`", str(registry.CHECKS[name].description)) for name in sorted(registry.CHECKS)],
    )


def input_tables() -> Iterator[str]:
    """Tables that `funnelstats` reads."""
    from funnelstats.schemas import TABLES, Kind

    names = {Kind.KEY: "key", Kind.INSTANT: "instant", Kind.DATE: "date", Kind.MONEY: "money"}
    names |= {Kind.WHOLE: "whole number", Kind.NUMBER: "number", Kind.TEXT: "text"}
    yield from (
        "Input tables of funnelstats",
        "What the statistics read. A key is a whole number, a text or a UUID; money is DECIMAL. Columns in italics",
        "may be absent. `funnelstats.validation.validate` names the column and the rows that break a rule.",
        "",
    )
    for one in TABLES.values():
        yield from (f"## {one.name}", "", f"{one.about} Told apart by {', '.join(one.key)}.", "")
        rows = []
        for column in one.columns:
            limits = " or ".join(column.words) or column.unit
            name = f"*`{column.name}`*" if column.is_optional else f"`{column.name}`"
            rows.append((name, names[column.kind], column.about, limits, column.empty or "not allowed"))
        yield from table(("column", "holds", "meaning", "unit or values", "empty means"), rows)
        yield from ("", *(f"- `{rule.code}`: {rule.about}" for rule in one.rules))
        yield from (f"- `{ref.code}`: `{ref.column}` is not in {ref.target[0]}" for ref in one.references)
        yield ""


def table(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Draw a Markdown table."""
    columns = list(heading)
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|').replace(chr(10), ' ') for cell in row)} |"


def first_sentence(thing: Any) -> str:
    """Return the first line of a docstring."""
    return (thing.__doc__ or "").strip().split("\n")[0]


def _help(command: Any, name: str, parent: Any) -> Iterator[str]:
    context = command.context_class(
        command, info_name=name, parent=parent, max_content_width=WIDTH, terminal_width=WIDTH
    )
    yield from (f"## {context.command_path}", "", "```text", *command.get_help(context).splitlines(), "```", "")
    for inner in sorted(getattr(command, "commands", {})):
        yield from _help(command.commands[inner], inner, context)


def _descendants(kind: type) -> Iterator[type]:
    yield kind
    for inner in kind.__subclasses__():
        yield from _descendants(inner)


def _set_up() -> None:
    """Import everything, in English, without touching anybody's home or database."""
    sys.path.insert(0, str(ROOT / "src"))
    os.environ |= {"LC_ALL": "C", "LOUDOU_SECRET_KEY": "only for writing documentation", "COLUMNS": str(WIDTH)}
    from loudou.config.env import choose_settings

    choose_settings()
    import django
    from django.utils import translation

    django.setup()
    translation.activate("en")
    import loudou

    for module in pkgutil.walk_packages(loudou.__path__, "loudou."):
        if not {"migrations", "__main__", "gunicorn", "wsgi"}.intersection(module.name.split(".")):
            importlib.import_module(module.name)


if __name__ == "__main__":
    sys.exit(main())
