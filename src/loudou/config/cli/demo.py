"""`loudou demo`."""

from __future__ import annotations

import enum
import unicodedata

import typer

from loudou.config.cli.language import _
from loudou.config.cli.opening import installation, say


class DemoLocale(enum.StrEnum):
    """Where the demo company is at home."""

    CHINA = "zh"
    ENGLISH = "en"


LOCALE = typer.Option(DemoLocale.CHINA, help=_("A Chinese company, or its English twin."))
SEED = typer.Option(None, help=_("Number that decides everything that happens; the same seed gives the same company."))
SCALE = typer.Option(None, min=1000, help=_("About how many opportunities to make, for measuring."))
SERVE = typer.Option(False, "--serve", help=_("Serve it afterwards; data that is there already is kept."))


def demo(locale: DemoLocale = LOCALE, seed: int | None = SEED, scale: int | None = SCALE, serve: bool = SERVE) -> None:
    """Fill an empty installation with three years of a machine maker's sales."""
    from loudou.config.cli.serve import run

    if serve:
        run(None, None, prepare=lambda: _build(locale, seed, scale, only_when_empty=True))
        return
    with installation():
        _build(locale, seed, scale, only_when_empty=False)
        for line in sign_in_lines():
            say(line)


def sign_in_lines() -> list[str]:
    """Return the table of demo sign-ins, one per role; nothing unless the demo company is loaded."""
    from loudou.core.models import Company
    from loudou.demo.sign_ins import PASSWORD, SIGN_INS

    if not Company.objects.filter(is_demo=True).exists():
        return []
    rows = [(_("Sign in as"), _("Role"), _("To"))]
    rows += [(account.username, str(account.role.label), str(account.purpose)) for account in SIGN_INS]
    widths = [max(_width(row[column]) for row in rows) for column in range(2)]
    table = ["  " + "  ".join([_pad(row[0], widths[0]), _pad(row[1], widths[1]), row[2]]).rstrip() for row in rows]
    return ["", *table, "", "  " + _("Password for all of them: %(password)s") % {"password": PASSWORD}]


def _build(locale: DemoLocale, seed: int | None, scale: int | None, *, only_when_empty: bool) -> None:
    from loudou.core import clock
    from loudou.core.actors import SYSTEM
    from loudou.customers.services.phases import follow_time
    from loudou.demo.building import DEFAULT_SEED, build, refuse_unless_empty
    from loudou.people.models import User

    if only_when_empty and User.objects.exists():
        return
    refuse_unless_empty()
    say(_("Making the demo company…"))
    built = build(locale=locale.value, seed=DEFAULT_SEED if seed is None else seed, today=clock.today(), scale=scale)
    # In the company's time zone it may be tomorrow already.
    follow_time(SYSTEM, at=clock.now())
    say(", ".join(f"{number:,} {noun}" for noun, number in built.counts.items()) + f" ({built.seconds:.1f} s)")


def _width(text: str) -> int:
    """Columns that a text takes on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
