"""Whatever the services do, in whatever order: the caches equal the history, and the audit knows."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loudou.catalog.models import Product
from loudou.core import checks
from loudou.core.refusals import BusinessRefusal
from loudou.people.models import AuditEntry
from loudou.pipeline.models import LossReason, Opportunity, SalesProcess, Stage, StageChange
from loudou.pipeline.services import bulk, moves, opportunities, processes, rates
from loudou.pipeline.services.drafts import LineDraft, MemberDraft, OpportunityDraft

START = dt.datetime(2026, 6, 15, 8, 0, tzinfo=dt.UTC)
CENTS = st.decimals("0", "99999", places=3)

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["move", "win", "lose", "drop", "hold", "resume", "reopen", "amount", "currency", "date", "lines",
             "no_lines", "assign", "switch", "bulk_move", "bulk_drop", "bulk_shift", "rate", "merge", "members",
             "clone"]
        ),
        st.integers(0, 4),
        CENTS,
        st.integers(-2, 40),
    ),
    max_size=14,
)  # fmt: skip


class World:
    """Two sales and what may happen to them."""

    def __init__(self, admin, other, product):
        self.admin, self.other, self.product = admin, other, product
        self.at = START
        self.rows = [self.create(), self.create()]

    def create(self):
        return opportunities.create_opportunity(
            self.admin, draft=OpportunityDraft("Sale", amount=Decimal(10)), at=self.at
        ).pk

    def take(self, step, which, amount, days):
        """Do one thing; a refusal is an answer like any other."""
        self.at += dt.timedelta(hours=days)  # sometimes backwards: clocks disagree
        pk = self.rows[which % len(self.rows)]
        stages = list(Stage.objects.order_by("process", "position"))
        stage = stages[(which * 7 + days) % len(stages)].pk
        a, at, rows = self.admin, self.at, self.rows
        acts = {
            "move": lambda: moves.move_opportunity(a, pk, stage_id=stage, at=at),
            "win": lambda: moves.win_opportunity(a, pk, at=at, closed_on=at.date() - dt.timedelta(days=which)),
            "lose": lambda: moves.lose_opportunity(a, pk, loss_reason_id=LossReason.objects.all()[0].pk, at=at),
            "drop": lambda: moves.drop_opportunity(a, pk, at=at),
            "hold": lambda: moves.hold_opportunity(a, pk, at=at),
            "resume": lambda: moves.resume_opportunity(a, pk, at=at),
            "reopen": lambda: moves.reopen_opportunity(a, pk, at=at, stage_id=stage if which % 2 else None),
            "amount": lambda: opportunities.update_opportunity(a, pk, changes={"amount": amount}, at=at),
            "currency": lambda: opportunities.update_opportunity(
                a, pk, changes={"currency": ("CNY", "USD", "JPY")[which % 3]}, at=at
            ),
            "date": lambda: opportunities.update_opportunity(
                a, pk, changes={"expected_on": at.date(), "probability": Decimal(which) / 4}, at=at
            ),
            "lines": lambda: opportunities.set_lines(
                a, pk, lines=[LineDraft(self.product.pk, Decimal(which + 1), amount)], at=at
            ),
            "no_lines": lambda: opportunities.set_lines(a, pk, lines=[], at=at),
            "assign": lambda: moves.assign_opportunity(a, pk, owner_id=(a, self.other)[which % 2].pk, at=at),
            "switch": lambda: moves.switch_process(
                a, pk, process_id=SalesProcess.objects.order_by("pk")[which % 2].pk, at=at
            ),
            "bulk_move": lambda: bulk.move_opportunities(a, rows, stage_id=stage, at=at),
            "bulk_drop": lambda: bulk.drop_opportunities(a, rows[:which], at=at),
            "bulk_shift": lambda: bulk.redate_opportunities(a, rows, shift_days=days, at=at),
            "rate": lambda: rates.set_exchange_rate(
                a, currency=("USD", "JPY")[which % 2], on=START.date(), rate=amount + 1, today=checks_day()
            ),
            "merge": lambda: processes.remove_stage(a, stage, merge_into_id=stages[which].pk, at=at),
            "members": lambda: opportunities.set_members(
                a, pk, members=[MemberDraft(self.other.pk, Decimal(which * 30))]
            ),
            "clone": lambda: opportunities.clone_opportunity(a, pk, at=at),
        }
        try:
            acts[step]()
        except BusinessRefusal:
            return False
        return True


def checks_day():
    return dt.date(2026, 7, 31)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_caches_equal_history_whatever_happens(steps, process, dollars, make_user, findings, monkeypatch):
    from django.db import transaction

    from loudou.core import clock
    from loudou.people.choices import Role

    with transaction.atomic():
        monkeypatch.setattr(clock, "now", lambda: dt.datetime(2026, 7, 31, 8, 0, tzinfo=dt.UTC))
        world = World(
            make_user("admin", Role.ADMINISTRATOR),
            make_user("rep"),
            Product.objects.create(name="Thing"),
        )
        for step in steps:
            before = AuditEntry.objects.count()
            versions = dict(Opportunity.objects.values_list("pk", "version"))
            history = StageChange.objects.count()
            done = world.take(*step)
            if not done:
                assert AuditEntry.objects.count() == before
                assert StageChange.objects.count() == history
            elif dict(Opportunity.objects.values_list("pk", "version")) != versions:
                assert AuditEntry.objects.count() > before
        rates.revalue_open_opportunities(world.admin, today=checks_day())
        assert findings() == []
        assert set(StageChange.objects.values_list("actor", flat=True)) == {world.admin.pk}
        transaction.set_rollback(True)


def test_a_cache_that_lies_is_found(deal, findings, product, colleague):
    assert findings() == []
    row = Opportunity.objects.filter(pk=deal.pk)
    pairs = [
        ({"amount_base": Decimal(1)}, {"pipeline.amount_base"}),
        ({"state": "on_hold"}, {"pipeline.current_state"}),
        ({"probability": Decimal("0.5")}, {"pipeline.current_state"}),
        ({"stage_entered_at": START + dt.timedelta(days=1)}, {"pipeline.stage_entered_at"}),
        ({"state": "won", "closed_at": START}, {"pipeline.current_state", "pipeline.closed_at"}),
        ({"process": SalesProcess.objects.exclude(pk=deal.process_id)[0]}, {"pipeline.stage_process"}),
    ]
    original = row.values().get()
    for lie, expected in pairs:
        row.update(**lie)
        assert {finding.split(":")[0] for finding in findings()} == expected
        row.update(**{name: original[f"{name}_id" if name == "process" else name] for name in lie})
    assert findings() == []
    deal.lines.create(product=product, quantity=1, unit_price=5, amount=5)
    deal.members.create(user=colleague, split=60)
    deal.members.create(user=deal.owner, split=60)
    assert {finding.split(":")[0] for finding in findings()} == {"pipeline.line_sums", "pipeline.splits"}
    assert checks.CHECKS["pipeline.splits"].description
