"""Learning from the stage history: figures, too little history, rights, and repetition."""

import datetime as dt

import pytest

from loudou.core.actors import SYSTEM
from loudou.core.refusals import PermissionRefused
from loudou.insights import selectors
from loudou.insights.models import LearnedStage
from loudou.insights.services.learning import learn_from_history
from loudou.people.models import User
from loudou.pipeline.choices import ChangeKind, State
from loudou.pipeline.models import Opportunity, SalesProcess, Stage, StageChange

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)


@pytest.fixture
def process():
    process = SalesProcess.objects.create(name="Three steps")
    for position, name in enumerate(("Contact", "Offer", "Signing"), start=1):
        Stage.objects.create(process=process, name=name, position=position, prior_win_rate="0.3")
    return process


def history(process, *steps):
    """Write one opportunity whose history is (day, stage position, state) rows."""
    stages = {stage.position: stage for stage in process.stages.all()}
    final_day, final_stage, final_state = steps[-1]
    moment = {day: START + dt.timedelta(days=day) for day, _, _ in steps}
    closed = final_state in (State.WON, State.LOST, State.DROPPED)
    opportunity = Opportunity.objects.create(
        subject="Pump station",
        process=process,
        stage=stages[final_stage],
        state=final_state,
        opened_on=START.date(),
        stage_entered_at=START,
        closed_at=moment[final_day] if closed else None,
    )
    StageChange.objects.bulk_create(
        StageChange(
            opportunity=opportunity,
            kind=ChangeKind.CREATED if day == 0 else ChangeKind.ADVANCED,
            to_stage=stages[stage],
            to_state=state,
            currency="CNY",
            at=moment[day],
        )
        for day, stage, state in steps
    )
    return opportunity


def test_rates_and_times_come_from_the_history(process):
    for _ in range(30):
        history(process, (0, 1, State.OPEN), (10, 2, State.OPEN), (25, 2, State.WON))
    for _ in range(20):
        history(process, (0, 1, State.OPEN), (10, 2, State.OPEN), (25, 2, State.LOST))
    for _ in range(10):
        history(process, (0, 1, State.OPEN), (40, 1, State.DROPPED))

    found = learn_from_history(SYSTEM, at=NOW)

    contact, offer, signing = (selectors.learned_stages()[s.pk] for s in process.stages.all())
    assert (offer.sample, offer.won, offer.lost) == (50, 30, 20)
    assert offer.win_rate == pytest.approx(0.6)
    assert 0.45 < offer.low < 0.6 < offer.high < 0.75
    assert offer.median_days == 15
    assert contact.win_rate == pytest.approx(0.5)
    assert contact.median_days == 10
    assert (signing.win_rate, signing.sample) == (None, 0)
    assert selectors.learned_processes()[process.pk].win_rate == pytest.approx(0.5)
    assert selectors.learned_processes()[process.pk].median_days == 25
    assert found.stages_with_rate == 2


def test_too_little_history_gives_no_figure_but_its_size(process):
    for _ in range(9):
        history(process, (0, 1, State.OPEN), (10, 1, State.WON))
    learn_from_history(SYSTEM, at=NOW)
    contact = selectors.learned_stages()[process.stages.first().pk]
    assert (contact.win_rate, contact.median_days) == (None, None)
    assert (contact.sample, contact.won) == (9, 9)


def test_what_happens_after_the_moment_is_not_known(process):
    for _ in range(30):
        history(process, (0, 1, State.OPEN), (10, 1, State.WON))
    learn_from_history(SYSTEM, at=START + dt.timedelta(days=5))
    contact = selectors.learned_stages()[process.stages.first().pk]
    assert (contact.won, contact.sample) == (0, 30)


def test_learning_twice_gives_the_same(process):
    for _ in range(25):
        history(process, (0, 1, State.OPEN), (10, 1, State.WON))
    learn_from_history(SYSTEM, at=NOW)
    once = list(LearnedStage.objects.order_by("stage").values_list("stage", "win_rate", "low", "median_days"))
    learn_from_history(SYSTEM, at=NOW)
    assert list(LearnedStage.objects.order_by("stage").values_list("stage", "win_rate", "low", "median_days")) == once


def test_a_rep_may_not_start_it(process):
    rep = User.objects.create(username="rep", name="Rep", roles=["rep"])
    with pytest.raises(PermissionRefused):
        learn_from_history(rep, at=NOW)
    assert not LearnedStage.objects.exists()
