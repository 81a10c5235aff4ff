"""`loudou repair`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from loudou.config.cli.language import _
from loudou.config.cli.opening import complain, installation, say

if TYPE_CHECKING:
    from loudou.core.repairs import Difference, Repair

NAMES = typer.Argument(None, help=_("Names of repairs; all when left out."))
APPLY = typer.Option(False, "--apply", help=_("Keep what was mended; otherwise it is only said."))
YES = typer.Option(False, "--yes", help=_("Do not ask."))
LIST = typer.Option(False, "--list", help=_("Only say what can be repaired."))
WRITTEN_DOWN = 1000
"""Differences of one repair that the audit keeps; it says how many there were."""


def repair(names: list[str] | None = NAMES, apply: bool = APPLY, yes: bool = YES, list_only: bool = LIST) -> None:
    """Compute stored figures anew from the rows they follow from, and say what differed, value by value.

    Exit code 1 when something differs and was not mended.
    """
    with installation():
        from loudou.core import checks, repairs

        repairs.load()
        checks.load()
        if unknown := sorted(set(names or ()) - set(repairs.REPAIRS)):
            complain(_("There is no repair of this name: %(names)s") % {"names": ", ".join(unknown)})
            raise typer.Exit(2)
        if list_only:
            for known in sorted(repairs.REPAIRS):
                say(f"{known}: {checks.CHECKS[known].description}")
            return
        if apply and not yes:
            typer.confirm(_("Stored figures are overwritten by what follows from their rows. Go on?"), abort=True)
        differing = _mend(names or [], apply=apply)
        if not differing:
            say(_("Nothing differs."))
        elif not apply:
            say(_("Nothing was changed. `loudou repair --apply` mends it."))
            raise typer.Exit(1)
        elif left := [check.name for check, found in checks.run(differing) if found]:
            complain(_("These checks still find something: %(names)s") % {"names": ", ".join(left)})
            raise typer.Exit(1)


def _mend(names: list[str], *, apply: bool) -> list[str]:
    """Run the repairs, say what differed, and return the names of those that found something."""
    from loudou.core import repairs

    differing = []
    for each, found in repairs.run(names, apply=apply, note=_write_down):
        if not found:
            continue
        differing.append(each.name)
        say(f"{each.name}: " + _("%(count)s values differ") % {"count": len(found)})
        for one in found:
            say(f"    {one.record} {one.name}: {one.stored} → {one.derived}")
    return differing


def _write_down(each: Repair, found: list[Difference]) -> None:
    """Keep in the audit what was mended; without `--apply` it is taken back together with the rest."""
    from loudou.core import clock
    from loudou.core.actors import SYSTEM
    from loudou.people.services.events import record_event

    values: list[list[Any]] = [
        [one.record, one.name, str(one.stored), str(one.derived)] for one in found[:WRITTEN_DOWN]
    ]
    details = {"repair": each.name, "count": len(found), "values": values}
    record_event(SYSTEM, "repaired", at=clock.now(), details=details)
