"""What lies on the reps' desks today: the next step of each open sale, and the stars people gave."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from random import Random
from typing import Any

from loudou.demo import calendar
from loudou.demo.ledger import Entries
from loudou.demo.staff import Staff
from loudou.demo.words import Teller, goods
from loudou.pipeline.choices import Priority, State

OVERDUE_SHARE = 0.24
STAR_SHARE = 0.12
FRESH_DAYS = 45
"""A sale that nobody touched for longer has an old next step, or none."""


def lay_out(
    random: Random, tell: Teller, staff: Staff, made: Entries, stage_position: dict[int, int], *, today: dt.date
) -> list[dict[str, Any]]:
    """Give open sales a next step, and return the rows of the stars."""
    discipline = {rep.user_id: rep.law.discipline for rep in staff.reps}
    leads = {rep.user_id: rep.manager_id for rep in staff.reps}
    followed: dict[int, set[int]] = defaultdict(set)
    for row in made.opportunities:
        if row["state"] != State.OPEN:
            continue
        owner = row["owner_id"]
        quiet = (today - row["updated_at"].astimezone(calendar.TIME_ZONE).date()).days
        if random.random() < discipline[owner]:
            row["next_step"] = tell(random.choice(goods.NEXT_STEPS[stage_position[row["stage_id"]]]))
            row["next_step_on"] = _due(random, quiet, today)
        likes = STAR_SHARE * (3 if row["priority"] == Priority.HIGH else 1)
        if random.random() < likes:
            followed[owner].add(row["id"])
        if row["priority"] == Priority.HIGH and random.random() < STAR_SHARE:
            followed[leads[owner]].add(row["id"])
    pairs = [(user_id, pk) for user_id in sorted(followed) for pk in sorted(followed[user_id])]
    return [{"id": number, "user_id": user, "opportunity_id": pk} for number, (user, pk) in enumerate(pairs, start=1)]


def _due(random: Random, quiet: int, today: dt.date) -> dt.date:
    if quiet > FRESH_DAYS:
        return calendar.working_day_from(today - dt.timedelta(days=random.randrange(10, quiet)))
    if random.random() < OVERDUE_SHARE:
        return calendar.working_day_until(today - dt.timedelta(days=random.randrange(1, 13)))
    return calendar.working_day_from(today + dt.timedelta(days=random.randrange(0, 22)))
