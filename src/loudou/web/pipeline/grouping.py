"""The list in groups: what each is called, what it amounts to, and the address of exactly its rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loudou.people.models import User
from loudou.pipeline import selectors
from loudou.pipeline.choices import State
from loudou.pipeline.selectors import Narrowing, SalesSetup, Volume
from loudou.pipeline.selectors.narrowing import NOBODY, NOT_SET
from loudou.web.pipeline.filters import ALL_STATES, NO_OWNER

GROUPING_LABELS: Mapping[str, str | Promise] = {
    "owner": gettext_lazy("Owner"),
    "team": gettext_lazy("Team"),
    "stage": gettext_lazy("Stage"),
    "city": gettext_lazy("City"),
    "country": gettext_lazy("Country"),
    "loss_reason": gettext_lazy("Loss reason"),
    "source": gettext_lazy("Source"),
    "created_month": gettext_lazy("Month opened"),
    "expected_month": gettext_lazy("Expected month"),
    "closed_month": gettext_lazy("Month closed"),
}
"""What the list can be grouped by, as the chooser calls it."""
_MONTHS = {"created_month": "opened", "expected_month": "expected", "closed_month": "closed"}
ROWS_OF_A_GROUP = 10
"""Rows that an opened group shows before its whole list is asked for."""
MOST_GROUPS = 100

Filters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """One group of the list: its name, what it amounts to, and the filters that ask for its rows and no others."""

    label: str
    volume: Volume
    filters: Filters


class Grouper:
    """Names groups, sorts them and says which filters lead to them; few statements however many groups there are."""

    def __init__(self, grouping: str, narrowing: Narrowing, setup: SalesSetup, *, today: dt.date) -> None:
        self.grouping, self.narrowing, self.setup, self.today = grouping, narrowing, setup, today

    def groups(self, found: Mapping[Any, Volume]) -> list[Group]:
        """Stages and months in their own order, other groups by what they are worth; those without a value last."""
        if self.grouping in _MONTHS:
            return [self._month(month, found[month]) for month in sorted(found, key=lambda day: (not day, day))]
        if self.grouping == "stage":
            return [
                Group(self._stage_label(stage), found[stage.pk], {"stage": stage.pk})
                for stage in self.setup.every_stage if stage.pk in found
            ]  # fmt: skip
        make: Mapping[str, Callable[[Mapping[Any, Volume]], tuple[list[Group], list[Group]]]] = {
            "owner": self._owners, "team": self._teams, "loss_reason": self._loss_reasons,
        }  # fmt: skip
        named, rest = make.get(self.grouping, self._texts)(found)
        return [*sorted(named, key=lambda group: (-group.volume.amount, -group.volume.count, group.label)), *rest]

    def _stage_label(self, stage: Any) -> str:
        """The stage, with its process where there are several."""
        return f"{stage.process.label}: {stage.label}" if len(self.setup.processes) > 1 else str(stage.label)

    @property
    def _states(self) -> list[str]:
        """The states by name: a loss reason would imply others."""
        return list(self.narrowing.states) or [ALL_STATES]

    def _owners(self, found: Mapping[Any, Volume]) -> tuple[list[Group], list[Group]]:
        names = User.objects.filter(pk__in=[pk for pk in found if pk]).values_list("pk", "name")
        named = [Group(name, found[pk], {"owner": pk}) for pk, name in names]
        return named, _rest(_("Nobody"), found, {"owner": NO_OWNER})

    def _loss_reasons(self, found: Mapping[Any, Volume]) -> tuple[list[Group], list[Group]]:
        named = [
            Group(reason.label, found[reason.pk], {"loss_reason": reason.pk, "state": self._states})
            for reason in selectors.all_loss_reasons() if reason.pk in found
        ]  # fmt: skip
        return named, _rest(_("Not set"), found, {"loss_reason": NOT_SET, "state": self._states})

    def _texts(self, found: Mapping[Any, Volume]) -> tuple[list[Group], list[Group]]:
        named = [Group(value, volume, {self.grouping: value}) for value, volume in found.items() if value]
        return named, _rest(_("Not set"), found, {self.grouping: NOT_SET})

    def _teams(self, found: Mapping[Any, Volume]) -> tuple[list[Group], list[Group]]:
        """Teams by their people of today: each asks for its people, because a team's filter has the teams below too."""
        team_of = selectors.team_of_each([pk for pk in found if pk], today=self.today)
        people: dict[int, list[Any]] = {}
        for pk in found:
            people.setdefault(team_of[pk].pk if pk in team_of else NOBODY, []).append(pk)
        groups = {
            team: Group(
                str(team_of[members[0]]) if team else _("No team"),
                selectors.total({pk: found[pk] for pk in members}),
                {"owner": [pk or NO_OWNER for pk in members]},
            )
            for team, members in people.items()
        }
        rest = groups.pop(NOBODY, None)
        return list(groups.values()), [rest] if rest else []

    def _month(self, month: dt.date | None, volume: Volume) -> Group:
        name = _MONTHS[self.grouping]
        if month is not None:
            return Group(f"{month:%Y-%m}", volume, month_filters(name, month, self.narrowing))
        if name == "expected":
            return Group(_("No date"), volume, {"expected": "no_date"})
        wanted = [state for state in (State.OPEN, State.ON_HOLD) if state in (self.narrowing.states or State)]
        return Group(_("Not closed"), volume, {"state": [state.value for state in wanted]})


def _rest(label: str, found: Mapping[Any, Volume], filters: Filters) -> list[Group]:
    """The rows without a value, when there are any."""
    return [Group(label, found[None], filters)] if None in found else []


def month_filters(name: str, month: dt.date, narrowing: Narrowing) -> dict[str, str]:
    """The days of a month of `expected`, `opened` or `closed` as filters, no wider than those that are set already."""
    first: dt.date = max(month, getattr(narrowing, f"{name}_from") or month)
    end = selectors.last_day(month)
    last: dt.date = min(end, getattr(narrowing, f"{name}_until") or end)
    return {f"{name}_from": first.isoformat(), f"{name}_until": last.isoformat()}
