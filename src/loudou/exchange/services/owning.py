"""Who owns new records whose rows name nobody: the person chosen, or the members of a team in turn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from loudou.exchange.models import ImportJob
from loudou.exchange.services.parsing import Parsed
from loudou.people.models import Membership
from loudou.people.permissions import granted


def members_who_sell(team_id: int, *, on: dt.date) -> list[int]:
    """Ids of a team's members on a day who can own records, in the order in which they were made."""
    members = Membership.objects.on(on).filter(team_id=team_id, user__is_active=True).select_related("user")
    found = {each.user_id for each in members if "pipeline.view" in granted(each.user.roles)}
    return sorted(found)


class OwnerRule:
    """The rule of one import. The turn follows the number of the row, so that dry run and run give the same owner."""

    def __init__(self, job: ImportJob, *, on: dt.date) -> None:
        self.owners: Sequence[int] = [job.owner_id] if job.owner_id is not None else []
        if job.team_id is not None:
            self.owners = members_who_sell(job.team_id, on=on)

    def fill(self, batch: Sequence[Parsed]) -> None:
        """Name an owner in the rows that name none."""
        if not self.owners:
            return
        for parsed in batch:
            parsed.values.setdefault("owner", self.owners[parsed.row.number % len(self.owners)])
