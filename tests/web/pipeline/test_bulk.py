"""What is done to all selected opportunities from the list."""

from __future__ import annotations

from typing import Any

import pytest

from loudou.people.models import User
from loudou.pipeline.choices import State
from loudou.pipeline.models import LossReason, Opportunity


@pytest.fixture
def three(make: Any) -> list[Opportunity]:
    """Three open sales of the owner."""
    return [make(subject=f"Sale {number}", source="Fair", reach_kind="strategic") for number in range(3)]


def ids_of(rows: list[Opportunity]) -> str:
    return ",".join(str(row.pk) for row in rows)


def test_source_and_kinds_are_set_and_taken_away_for_all_selected(
    client: Any, owner: User, three: list[Opportunity]
) -> None:
    given = {"ids": ids_of(three[:2]), "likelihood": "certain", "reach_kind": "cleared"}
    page = client.as_(owner).post("/pipeline/selected/kinds/", given).content.decode()
    assert "2 rows were changed." in page
    kinds = Opportunity.objects.order_by("pk").values_list("source", "likelihood", "reach_kind", "visibility")
    assert list(kinds) == [("Fair", "certain", "", "")] * 2 + [("Fair", "", "strategic", "")]
    client.as_(owner).post("/pipeline/selected/kinds/", {"ids": ids_of(three), "source": "Old customer"})
    assert set(Opportunity.objects.values_list("source", flat=True)) == {"Old customer"}


def test_setting_no_kind_is_refused_in_a_sentence(client: Any, owner: User, three: list[Opportunity]) -> None:
    answer = client.as_(owner).post("/pipeline/selected/kinds/", {"ids": ids_of(three)})
    assert answer.status_code == 422 and "Set at least one of them." in answer.content.decode()
    assert set(Opportunity.objects.values_list("version", flat=True)) == {1}


def test_all_selected_are_dropped_with_a_reason(
    client: Any, owner: User, stranger: User, make: Any, three: list[Opportunity], reason: LossReason
) -> None:
    foreign = make(stranger)
    given = {"ids": ids_of([*three, foreign]), "loss_reason": str(reason.pk), "note": "Market left"}
    page = client.as_(owner).post("/pipeline/selected/drop/", given).content.decode()
    assert "3 rows were changed." in page and "1 row was not changed:" in page
    for row in three:
        row.refresh_from_db()
        assert (row.state, row.loss_reason_id, row.close_note) == (State.DROPPED, reason.pk, "Market left")
    foreign.refresh_from_db()
    assert (foreign.state, foreign.version) == (State.OPEN, 1)


def test_the_list_offers_both(client: Any, owner: User, three: list[Opportunity]) -> None:
    page = client.as_(owner).get("/pipeline/").content.decode()
    assert "/pipeline/selected/kinds/" in page and "/pipeline/selected/drop/" in page
