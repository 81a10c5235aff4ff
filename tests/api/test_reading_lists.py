"""Reading lists over the API: one's own progress, and marking a card as read."""

from __future__ import annotations

import pytest
from tests.playbook.conftest import make_card, make_list, make_question

from loudou.playbook.models import Reading

__all__ = ["make_card", "make_list", "make_question"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def test_a_program_reads_ones_progress_and_marks_a_card_as_read(api, owner, make_card, make_list, make_question):
    seals, valves = make_card("Seals"), make_card("Valves")
    row = make_list(seals, valves, roles=["rep"])
    make_question(seals, "Do they last?")
    caller = api.as_(owner)
    [before] = caller.get("/api/v1/reading-lists").json()["items"]
    assert before == {
        "id": row.pk, "name": "First weeks", "due_on": "2026-07-15", "is_open": True, "is_overdue": False,
        "pass_mark": 80, "best_right": None, "best_total": None, "passed_at": None,
        "cards": [
            {"id": seals.pk, "name": "Seals", "read_at": None}, {"id": valves.pk, "name": "Valves", "read_at": None},
        ],
    }  # fmt: skip
    address = f"/api/v1/reading-lists/{row.pk}/cards/{seals.pk}/read"
    for _ in range(2):
        after = caller.post(address, {})
        assert after.status_code == 200
        assert [card["read_at"] for card in after.json()["cards"]] == ["2026-06-15T08:00:00Z", None]
    assert Reading.objects.get().user == owner


def test_lists_of_others_are_not_there(api, finance, make_card, make_list):
    card = make_card("Seals")
    row = make_list(card, roles=["rep"])
    caller = api.as_(finance)
    assert caller.get("/api/v1/reading-lists").json() == {"items": []}
    assert caller.post(f"/api/v1/reading-lists/{row.pk}/cards/{card.pk}/read", {}).status_code == 404
    assert not Reading.objects.exists()
