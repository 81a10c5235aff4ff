"""Writing the demo company's playbook: cards, what their readers made of them, what they suggest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from random import Random
from typing import Any

from django.db import models

from loudou.demo import calendar
from loudou.demo.market import Market
from loudou.demo.sale import StageInfo
from loudou.demo.staff import Staff
from loudou.demo.words import Teller
from loudou.demo.words.playbook import PLAYS, SUGGESTIONS
from loudou.people.choices import Role
from loudou.playbook.choices import CardState
from loudou.playbook.models import Card, CardLine, CardProduct, CardStage, CardSuggestion, CardUse, CardVote
from loudou.playbook.services.cards import USUAL_DAYS

Tables = list[tuple[type[models.Model], list[dict[str, Any]]]]
WRITTEN_BEFORE = 260
"""Days before today on which the playbook was written."""
USED_DAYS = 90


def cards(
    random: Random, tell: Teller, staff: Staff, market: Market, stages: Sequence[StageInfo], *, today: dt.date
) -> Tables:
    """Rows of the cards and of all that hangs on them, parents before children."""
    keeper = staff.office[Role.OPERATIONS]
    written = calendar.during(calendar.working_day_until(today - dt.timedelta(days=WRITTEN_BEFORE)), random)
    rows: list[dict[str, Any]] = []
    lines: list[tuple[int, int]] = []
    products: list[tuple[int, int]] = []
    stage_ids: list[tuple[int, int]] = []
    for number, play in enumerate(PLAYS, start=1):
        checked = today - dt.timedelta(days=play.age)
        rows.append(
            {
                "id": number,
                "kind": play.kind,
                "title": play.title[1], "title_zh": play.title[0], "body": play.body[1], "body_zh": play.body[0],
                "competitor_id": None if play.rival is None else market.competitors[play.rival]["id"],
                "purchase_kind": play.purchase,
                "state": CardState.PUBLISHED,
                "author_id": keeper, "keeper_id": keeper, "checked_by_id": keeper,
                "checked_on": checked,
                "checked_until": checked + dt.timedelta(days=USUAL_DAYS),
                "created_at": written, "updated_at": written,
            }
        )  # fmt: skip
        lines += [(number, market.lines[place]["id"]) for place in play.lines]
        products += [(number, row["id"]) for row in market.products if row["name"].split()[0] in play.products]
        stage_ids += [(number, stages[place].id) for place in play.stages]
    return [
        (Card, rows),
        (CardLine, _pairs(lines, "line_id")),
        (CardProduct, _pairs(products, "product_id")),
        (CardStage, _pairs(stage_ids, "stage_id")),
        *_readers(random, tell, staff, today=today),
    ]


def _pairs(pairs: Sequence[tuple[int, int]], column: str) -> list[dict[str, Any]]:
    return [{"id": number, "card_id": card, column: other} for number, (card, other) in enumerate(pairs, start=1)]


def _readers(random: Random, tell: Teller, staff: Staff, *, today: dt.date) -> Tables:
    """Who opened which card in the last months, whom it helped, and what they would change."""
    reps = [rep.user_id for rep in staff.reps if rep.left_on is None]
    uses: list[dict[str, Any]] = []
    votes: list[dict[str, Any]] = []
    for number, play in enumerate(PLAYS, start=1):
        liking = 0.9 if play.kind != "fact" else 0.75
        for user in reps:
            if random.random() > (0.5 if play.kind in ("objection", "competitor") else 0.3):
                continue
            day = calendar.working_day_until(today - dt.timedelta(days=random.randrange(1, USED_DAYS - 5)))
            uses.append({"id": len(uses) + 1, "card_id": number, "user_id": user, "on": day})
            if random.random() < 0.35:
                vote = {"card_id": number, "user_id": user, "is_useful": random.random() < liking, "edition": 1}
                votes.append(vote | {"id": len(votes) + 1, "at": calendar.during(day, random)})
    suggestions = []
    for number, (place, words, days) in enumerate(SUGGESTIONS, start=1):
        at = calendar.during(calendar.working_day_until(today - dt.timedelta(days=days)), random)
        suggestions.append(
            {
                "id": number, "card_id": place + 1, "text": tell(words), "edition": 1,
                "suggested_by_id": reps[number * 2],
                "suggested_at": at, "created_at": at, "updated_at": at,
            }
        )  # fmt: skip
    return [(CardUse, uses), (CardVote, votes), (CardSuggestion, suggestions)]
