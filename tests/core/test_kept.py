"""Kept rows: never stale, whoever writes and how; nobody's instance is another's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from loudou.core import kept
from loudou.core.models import Company
from loudou.core.rates import company
from loudou.insights.models import LearnedStage
from loudou.pipeline import defaults
from loudou.pipeline.models import LossReason, SalesProcess, Stage, StageCriterion
from loudou.pipeline.selectors import SalesSetup


@pytest.fixture
def stages(db) -> Callable[[], list[Stage]]:
    """What reads the kept stages; there are some, also after tests that emptied the tables."""
    defaults.install(SalesProcess, Stage, StageCriterion, LossReason)
    return partial(kept.rows_of, Stage)


def names(stages: Callable[[], list[Stage]]) -> set[str]:
    return {stage.name for stage in stages()}


def statements(act) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        act()
    return [query["sql"] for query in captured.captured_queries]


def test_rows_are_read_once_and_afterwards_only_their_number(stages):
    stages()
    again = statements(stages)
    assert again == ["SELECT table_name, number FROM core_tablerevision"]


def test_what_is_out_of_date_is_read_in_one_statement_whatever_its_types(stages):
    company()
    LearnedStage.objects.create(
        stage=stages()[0], as_of=dt.datetime(2026, 6, 15, 8, 0, 1, 500, tzinfo=dt.UTC), sample=12, won=4, lost=6,
        win_rate=1 / 3, low=0.1, high=0.7, undecided=0.2, horizon_days=180, stays=12, stays_finished=10,
    )  # fmt: skip
    kept.forget()
    with kept.one_reading():
        assert len(statements(lambda: (company(), stages(), SalesSetup.load(), kept.rows_of(LearnedStage)))) == 2
    for model in (Company, SalesProcess, Stage, LearnedStage):
        fields = [field.attname for field in model._meta.concrete_fields]
        read = [{name: getattr(row, name) for name in fields} for row in kept.rows_of(model)]
        assert read and read == list(model.objects.order_by("pk").values(*fields))
        assert [[type(value) for value in row.values()] for row in read] == [
            [type(value) for value in row.values()] for row in model.objects.order_by("pk").values(*fields)
        ]


def test_a_reading_request_asks_for_the_numbers_once(stages):
    company()  # makes the row when there is none yet
    for read in (company, SalesSetup.load):
        read()
    with kept.one_reading():
        assert len(statements(lambda: (stages(), company(), SalesSetup.load()))) == 1
        assert statements(lambda: (stages(), company(), SalesSetup.load())) == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE pipeline_stage SET name = 'Renamed in SQL' WHERE id = %s",
        "WITH one AS (SELECT %s::bigint AS n) UPDATE pipeline_stage SET name = 'Renamed in SQL' FROM one WHERE id = n",
    ],
)
def test_raw_sql_is_noticed(stages, sql):
    first = stages()[0]
    with connection.cursor() as cursor:
        cursor.execute(sql, [first.pk])
    assert "Renamed in SQL" in names(stages)


def test_bulk_updates_are_noticed(stages):
    stages()
    Stage.objects.update(expected_days=77)
    assert {stage.expected_days for stage in stages()} == {77}


def test_what_a_transaction_took_back_is_forgotten(stages):
    before = names(stages)
    with pytest.raises(RuntimeError), transaction.atomic():
        Stage.objects.update(name="Never happened")
        assert names(stages) == {"Never happened"}  # the transaction sees its own change
        raise RuntimeError
    assert names(stages) == before
    Stage.objects.update(name="Happened")
    assert names(stages) == {"Happened"}


def test_two_changes_in_one_transaction_are_two_contents(stages):
    with transaction.atomic():
        Stage.objects.update(name="First")
        assert names(stages) == {"First"}
        Stage.objects.update(name="Second")
        assert names(stages) == {"Second"}


def test_a_table_without_a_number_is_read_each_time(stages):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_tablerevision")
    stages()
    Stage.objects.update(name="Changed without a number")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_tablerevision")
    assert names(stages) == {"Changed without a number"}


def test_everybody_gets_instances_of_their_own(stages):
    mine = stages()[0]
    mine.name = "Mine alone"
    mine.required_fields.append("amount")
    theirs = stages()[0]
    assert theirs.name != "Mine alone" and "amount" not in theirs.required_fields


def test_a_saved_instance_is_like_one_from_the_database(db):
    ours = company()
    assert (ours.pk, ours._state.adding, ours._state.db) == (1, False, "default")
    assert ours == Company.objects.get()


@pytest.mark.parametrize("model", [Company, Stage, SalesProcess])
def test_the_models_of_kept_rows_declare_the_trigger(model):
    assert [trigger.name for trigger in model._meta.triggers].count("note_revision") == 1
