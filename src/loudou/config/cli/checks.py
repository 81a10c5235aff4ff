"""`loudou check`."""

from __future__ import annotations

import typer

from loudou.config.cli.language import _
from loudou.config.cli.opening import complain, installation, say

NAMES = typer.Argument(None, help=_("Names of checks; all when left out."))
LIST = typer.Option(False, "--list", help=_("Only say what would be checked."))
SHOWN = 20


def check(names: list[str] | None = NAMES, list_only: bool = LIST) -> None:
    """Prove that stored figures agree with the rows they were made from; exit code 1 when they do not."""
    with installation():
        from loudou.core import checks

        checks.load()
        if unknown := sorted(set(names or ()) - set(checks.CHECKS)):
            complain(_("There is no check of this name: %(names)s") % {"names": ", ".join(unknown)})
            raise typer.Exit(2)
        if list_only:
            for known in sorted(checks.CHECKS):
                say(f"{known}: {checks.CHECKS[known].description}")
            return
        found_any = False
        for check_, findings in checks.run(names or ()):
            found_any = found_any or bool(findings)
            say(f"{'✗' if findings else '✓'} {check_.name}: {check_.description}")
            for finding in findings[:SHOWN]:
                say(f"    {finding.record}: {finding.problem}")
            if len(findings) > SHOWN:
                say("    " + _("and %(count)s more") % {"count": len(findings) - SHOWN})
        if found_any:
            raise typer.Exit(1)
