"""Setting up processes, stages, criteria, competitors and loss reasons."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused, StaleWrite
from loudou.pipeline.errors import NamedTwice, StageCountOutOfRange, StageInUse, StageOfOtherProcess
from loudou.pipeline.models import (
    Competitor,
    CriterionCheck,
    LossReason,
    Opportunity,
    SalesProcess,
    Stage,
    StageChange,
    StageCriterion,
)
from loudou.pipeline.services import competition, moves, processes
from loudou.pipeline.services.drafts import CriterionDraft, ProcessDraft, StageDraft

LATER = dt.datetime(2026, 6, 20, 8, 0, tzinfo=dt.UTC)


def stage_drafts(*names):
    return [StageDraft(name, Decimal("0.5"), criteria=[CriterionDraft(f"{name} done")]) for name in names]


def test_two_processes_and_nine_reasons_are_shipped(process):
    names = [[stage.name for stage in each.stages.order_by("position")] for each in SalesProcess.objects.order_by("pk")]
    assert names == [
        ["First contact", "Needs understood", "Proposal submitted", "Negotiation", "Signing"],
        ["Contact", "Project set up", "Proposal", "Negotiation", "Contract and after-sales"],
    ]
    assert LossReason.objects.count() == 9
    rates = list(process.stages.order_by("position").values_list("prior_win_rate", flat=True))
    assert rates == sorted(rates)
    with translation.override("zh-hans"):
        assert process.stages.order_by("position")[0].label == "初步接触"
    for model in (SalesProcess, Stage, StageCriterion, LossReason):
        assert not model.objects.filter(name_zh="").exists()


def test_an_administrator_makes_a_process(administrator, process):
    draft = ProcessDraft("Dealers", stage_drafts("Meet", "Agree", "Sign"), name_zh="经销商", is_default=True)
    made = processes.create_process(administrator, draft=draft)
    assert [(s.position, s.name) for s in made.stages.order_by("position")] == [(1, "Meet"), (2, "Agree"), (3, "Sign")]
    assert [c.name for c in StageCriterion.objects.filter(stage__process=made).order_by("pk")] == [
        "Meet done",
        "Agree done",
        "Sign done",
    ]
    assert SalesProcess.objects.get(is_default=True) == made


@pytest.mark.parametrize("count", [2, 8])
def test_three_to_seven_stages(administrator, process, count):
    with pytest.raises(StageCountOutOfRange):
        processes.create_process(
            administrator, draft=ProcessDraft("Odd", stage_drafts(*(f"S{number}" for number in range(count))))
        )
    assert SalesProcess.objects.count() == 2


def test_the_database_holds_the_rule_of_three_to_seven_itself(process):
    with pytest.raises(IntegrityError, match="3 to 7"), transaction.atomic():
        Stage.objects.filter(process=process, position__gt=2).delete()
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_names_within_a_process_differ(administrator, process, stages):
    with pytest.raises(NamedTwice):
        processes.create_process(administrator, draft=ProcessDraft("Odd", stage_drafts("One", "two", " ONE ")))
    with pytest.raises(NamedTwice):
        processes.add_stage(administrator, process.pk, draft=StageDraft("signing", Decimal(1)))
    with pytest.raises(NamedTwice):
        processes.update_stage(administrator, stages[0].pk, changes={"name": "Signing"})
    with pytest.raises(InvalidInput) as refusal:
        processes.create_process(administrator, draft=ProcessDraft(process.name, stage_drafts("A", "B", "C")))
    assert "There is already a sales process of this name." in str(refusal.value.errors)


@pytest.mark.parametrize("role", ["owner", "manager", "operations", "executive"])
def test_only_an_administrator_sets_up(role, request, process, stages):
    actor = request.getfixturevalue(role)
    for attempt in (
        lambda: processes.update_process(actor, process.pk, changes={"name": "Mine"}),
        lambda: processes.remove_stage(actor, stages[0].pk, at=LATER),
        lambda: processes.set_criteria(actor, stages[0].pk, criteria=[]),
        lambda: competition.create_competitor(actor, name="X"),
        lambda: competition.create_loss_reason(actor, name="X"),
    ):
        with pytest.raises(PermissionRefused):
            attempt()
    assert process.stages.count() == 5


def test_a_process_changes_and_a_stale_change_does_not(administrator, process):
    row = processes.update_process(
        administrator, process.pk, changes={"criteria_mode": "block", "customer_kinds": ["dealer"]}, version=1
    )
    assert (row.criteria_mode, row.customer_kinds, row.version) == ("block", ["dealer"], 2)
    with pytest.raises(StaleWrite):
        processes.update_process(administrator, process.pk, changes={"name": "Late"}, version=1)
    assert processes.update_process(administrator, process.pk, changes={"criteria_mode": "block"}).version == 2
    with pytest.raises(InvalidInput):
        processes.update_process(administrator, process.pk, changes={"criteria_mode": "maybe"})
    with pytest.raises(InvalidInput):
        processes.update_process(administrator, process.pk, changes={"product_line_id": 10**9})
    with pytest.raises(TypeError):
        processes.update_process(administrator, process.pk, changes={"stages": []})
    with pytest.raises(NotVisible):
        processes.update_process(administrator, 10**9, changes={"name": "Nothing"})


def test_there_is_always_one_active_default(administrator, process):
    other = SalesProcess.objects.exclude(pk=process.pk)[0]
    for changes in ({"is_default": False}, {"is_active": False}):
        with pytest.raises(InvalidInput):
            processes.update_process(administrator, process.pk, changes=changes)
    with pytest.raises(InvalidInput):
        processes.update_process(administrator, other.pk, changes={"is_default": True, "is_active": False})
    processes.update_process(administrator, other.pk, changes={"is_default": True})
    assert SalesProcess.objects.get(is_default=True) == other


def test_a_stage_is_added_where_it_belongs(administrator, process):
    processes.add_stage(administrator, process.pk, draft=StageDraft("Site visit", Decimal("0.3")), position=3)
    processes.add_stage(administrator, process.pk, draft=StageDraft("Handover", Decimal("0.95")))
    names = list(process.stages.order_by("position").values_list("name", flat=True))
    assert names[2] == "Site visit" and names[-1] == "Handover"
    assert list(process.stages.order_by("position").values_list("position", flat=True)) == [1, 2, 3, 4, 5, 6, 7]
    with pytest.raises(StageCountOutOfRange):
        processes.add_stage(administrator, process.pk, draft=StageDraft("Eighth", Decimal(1)))


def test_stages_are_renamed_and_reordered(administrator, process, stages):
    row = processes.update_stage(administrator, stages[0].pk, changes={"name": "Hello", "expected_days": 3}, version=1)
    assert (row.name, row.expected_days) == ("Hello", 3)
    with pytest.raises(InvalidInput):
        processes.update_stage(administrator, stages[0].pk, changes={"prior_win_rate": Decimal(2)})
    ids = [stage.pk for stage in reversed(stages)]
    processes.reorder_stages(administrator, process.pk, stage_ids=ids)
    assert list(process.stages.order_by("position").values_list("pk", flat=True)) == ids
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    for wrong in (ids[1:], [*ids[1:], ids[1]], [*ids[1:], 10**9]):
        with pytest.raises(StageOfOtherProcess):
            processes.reorder_stages(administrator, process.pk, stage_ids=wrong)


def test_an_unused_stage_is_deleted(administrator, process, stages):
    processes.remove_stage(administrator, stages[1].pk, at=LATER)
    assert not Stage.with_merged.filter(pk=stages[1].pk).exists()
    assert list(process.stages.order_by("position").values_list("position", flat=True)) == [1, 2, 3, 4]


def test_a_used_stage_is_merged_and_history_stays(make, owner, administrator, process, stages, reason, kinds, findings):
    open_one = make(stage_id=stages[1].pk)
    held = make(stage_id=stages[1].pk)
    lost = make(stage_id=stages[1].pk)
    moves.hold_opportunity(owner, held.pk, at=LATER)
    moves.lose_opportunity(owner, lost.pk, loss_reason_id=reason.pk, at=LATER)
    with pytest.raises(StageInUse):
        processes.remove_stage(administrator, stages[1].pk, at=LATER)
    with pytest.raises(StageOfOtherProcess):
        processes.remove_stage(administrator, stages[1].pk, merge_into_id=10**9, at=LATER)
    processes.remove_stage(administrator, stages[1].pk, merge_into_id=stages[2].pk, at=LATER)
    assert [stage.pk for stage in process.stages.order_by("position")] == [s.pk for s in stages if s != stages[1]]
    assert Opportunity.objects.get(pk=open_one.pk).stage == stages[2]
    assert Opportunity.objects.get(pk=held.pk).stage == stages[2]
    assert Opportunity.objects.get(pk=lost.pk).stage_id == stages[1].pk
    assert kinds(open_one) == ["created", "advanced"]
    assert StageChange.objects.filter(note="Needs understood was merged into Proposal submitted").count() == 2
    assert Stage.with_merged.get(pk=stages[1].pk).merged_into == stages[2]
    assert findings() == []
    moves.reopen_opportunity(owner, lost.pk, at=LATER)
    assert Opportunity.objects.get(pk=lost.pk).stage == stages[2]
    assert findings() == []


def test_merging_cannot_leave_two_stages(administrator, process, stages):
    for stage in stages[:2]:
        processes.remove_stage(administrator, stage.pk, at=LATER)
    with pytest.raises(StageCountOutOfRange):
        processes.remove_stage(administrator, stages[2].pk, at=LATER)


def test_criteria_are_replaced_and_kept_ones_keep_their_checks(administrator, owner, deal, stages):
    kept, gone = stages[0].criteria.order_by("position")
    for criterion in (kept, gone):
        moves.meet_criterion(owner, deal.pk, criterion_id=criterion.pk, evidence="seen", at=LATER)
    drafts = [CriterionDraft("A new one", "新条件", needs_evidence=False), CriterionDraft("Renamed", id=kept.pk)]
    processes.set_criteria(administrator, stages[0].pk, criteria=drafts)
    assert [(c.name, c.position) for c in stages[0].criteria.order_by("position")] == [("A new one", 1), ("Renamed", 2)]
    assert CriterionCheck.objects.get().criterion_id == kept.pk
    for wrong in ([CriterionDraft("x", id=10**9)], [CriterionDraft("")]):
        with pytest.raises(InvalidInput):
            processes.set_criteria(administrator, stages[0].pk, criteria=wrong)
    with pytest.raises(NamedTwice):
        processes.set_criteria(administrator, stages[0].pk, criteria=[CriterionDraft("x"), CriterionDraft("X")])
    with pytest.raises(StaleWrite):
        processes.set_criteria(administrator, stages[0].pk, criteria=[], version=1)


def test_competitors_are_kept(administrator, db):
    row = competition.create_competitor(administrator, name=" Rival ", strengths="Price")
    assert row.name == "Rival"
    with pytest.raises(InvalidInput):
        competition.create_competitor(administrator, name="RIVAL")
    row = competition.update_competitor(administrator, row.pk, changes={"weaknesses": "Service"}, version=1)
    assert (row.weaknesses, row.version) == ("Service", 2)
    with pytest.raises(StaleWrite):
        competition.update_competitor(administrator, row.pk, changes={"is_active": False}, version=1)
    with pytest.raises(TypeError):
        competition.update_competitor(administrator, row.pk, changes={"id": 1})
    assert Competitor.objects.get().is_active


def test_loss_reasons_are_added_renamed_and_reordered(administrator, process):
    row = competition.create_loss_reason(administrator, name="Bad luck", name_zh="运气不佳")
    assert row.position == 10
    row = competition.update_loss_reason(administrator, row.pk, changes={"is_active": False})
    assert not row.is_active
    ids = list(LossReason.objects.order_by("-position").values_list("pk", flat=True))
    competition.reorder_loss_reasons(administrator, loss_reason_ids=ids)
    assert list(LossReason.objects.order_by("position").values_list("pk", flat=True)) == ids
    with pytest.raises(InvalidInput):
        competition.reorder_loss_reasons(administrator, loss_reason_ids=ids[1:])
