"""What a cell that names a stage means: a stage of the process, or the outcome a word such as "Closed Won" tells."""

from __future__ import annotations

from django.utils.translation import gettext as _

from loudou.exchange.choices import Reconcile
from loudou.exchange.services.parsing import Parsed
from loudou.exchange.services.references import Context
from loudou.pipeline.choices import State
from loudou.pipeline.models import Stage


def find_stage(context: Context, parsed: Parsed, code: str, process_id: int | None) -> Stage | State | None:
    """What the row names as its stage, by the person's decisions; None when it names none, a problem when unknown."""
    names = parsed.named.get(code)
    if not names:
        return None
    parser, directory, name = context.parser, context.directory, names[0]
    found = directory.stage(name, process_id)
    if found is None and (decision := parser.decision(code, name) or parser.fallback(code)):
        if decision.do == Reconcile.EMPTY:
            return None
        found = directory.stage(decision.to, process_id) if decision.do == Reconcile.MAP else None
    if found is None:
        parsed.problems.append(
            _("“%(name)s” is neither a stage of the sales process nor an outcome.") % {"name": name[:80]}
        )
    return found
