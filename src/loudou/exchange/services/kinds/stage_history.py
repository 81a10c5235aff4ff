"""The past of opportunities: many rows, each a move at a time, make the history of one opportunity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from loudou.core.bulk import Outcome, RowUpdate
from loudou.exchange.choices import RecordedField
from loudou.exchange.services.kinds.base import Memory, Writer
from loudou.exchange.services.kinds.stages import find_stage
from loudou.exchange.services.parsing import Parsed, money
from loudou.pipeline.choices import State
from loudou.pipeline.models import Opportunity, Stage
from loudou.pipeline.services.drafts import PastDraft, PastEvent
from loudou.pipeline.services.past import bring_past
from loudou.pipeline.services.taking_back import Remembered, remember, take_back

_NEEDED = ("opportunity", "at", "stage")


class StageHistoryWriter(Writer):
    """Hands the events of each opportunity to the pipeline, in the order of their times."""

    model = Opportunity

    def screen(self, batch: Sequence[Parsed]) -> None:
        """A log of all fields has rows about others than the stage: they are skipped, whatever else they hold."""
        for parsed in batch:
            if parsed.values.get("recorded_field") == RecordedField.OTHER:
                parsed.skip = _("The row is about another field than the stage.")

    def prepare(self, batch: Sequence[Parsed]) -> None:
        """Find the stages in the process of each opportunity; say what a row lacks."""
        labels = self.labels()
        ids = {head.values["opportunity"] for head in batch if "opportunity" in head.values}
        processes = dict(self.visible().filter(pk__in=ids).values_list("pk", "process_id"))
        for head in batch:
            process_id = processes.get(head.values.get("opportunity", 0))
            for part in head.parts:
                part.problems += [
                    _("%(field)s is missing.") % {"field": labels[code]}
                    for code in _NEEDED
                    if code not in part.values and code not in part.named
                ]
                if not part.problems:
                    self._place(part, process_id)

    def _place(self, part: Parsed, process_id: int | None) -> None:
        came_to = find_stage(self.context, part, "stage", process_id)
        came_from = find_stage(self.context, part, "from_stage", process_id)
        if came_to is None and not part.problems:
            part.problems.append(_("%(field)s is missing.") % {"field": self.labels()["stage"]})
        part.values["came_to"], part.values["came_from"] = came_to, came_from

    def match(self, batch: Sequence[Parsed], keys: Iterable[str]) -> dict[int, int]:
        """The opportunity the rows name."""
        return {parsed.row.number: parsed.values["opportunity"] for parsed in batch if "opportunity" in parsed.values}

    def changes(self, parsed: Parsed) -> dict[str, Any]:
        """No field of the opportunity."""
        return {}

    def beside(self, parsed: Parsed, known: Any) -> dict[str, Any]:
        """The story, which the pipeline compares with what it knows."""
        return {"events": [self._event(part) for part in parsed.parts]}

    def _event(self, part: Parsed) -> PastEvent:
        values = part.values
        amount, named = money(part, "amount")
        came_to, came_from = values["came_to"], values["came_from"]
        return PastEvent(
            at=values["at"],
            stage_id=came_to.pk if isinstance(came_to, Stage) else None,
            state=came_to if isinstance(came_to, State) else State.OPEN,
            came_from_id=came_from.pk if isinstance(came_from, Stage) else None,
            actor_id=values.get("who"),
            amount=amount,
            currency=(named or self.context.parser.currency) if amount is not None else "",
            expected_on=values.get("expected_on"),
            probability=values.get("probability"),
            owner_id=values.get("owner"),
            note=part.text("note"),
        )

    def update(self, updates: Sequence[RowUpdate]) -> list[Outcome[Any]]:
        """Give the opportunities their history."""
        pasts = [PastDraft(update.pk, update.changes["events"]) for update in updates]
        return [*bring_past(self.context.actor, pasts, at=self.context.at)]

    def remember(self, found: Sequence[tuple[Any, Mapping[str, Any]]]) -> list[dict[str, Any]]:
        """The whole history, since the import replaces it."""
        memories = remember([known.pk for known, _changes in found], with_history=True)
        return [memories[known.pk] for known, _changes in found]

    def restore(self, memories: Sequence[Memory]) -> list[Outcome[Any]]:
        """Put the former history back."""
        remembered = [Remembered(memory.pk, memory.version, memory.before) for memory in memories]
        return [*take_back(self.context.actor, remembered, at=self.context.at)] if remembered else []
