"""Templates of payment plans: shipped, set up, one of them the default."""

from __future__ import annotations

from decimal import Decimal

import pytest

from loudou.contracts.choices import DueBasis
from loudou.contracts.models import Instalment, PlanTemplate
from loudou.contracts.selectors.receivable import plan_templates
from loudou.contracts.services import plan_templates as services
from loudou.contracts.services.ledger_drafts import PlanTemplateDraft, TemplateInstalmentDraft
from loudou.core.refusals import InvalidInput, PermissionRefused, StaleWrite

pytestmark = pytest.mark.django_db
HALF = TemplateInstalmentDraft("Half", Decimal(1), DueBasis.SIGNING)


def test_what_is_shipped(db):
    assert [(row.name, row.instalments.count(), row.is_default) for row in plan_templates()] == [
        ("On delivery, at agreed payment days", 1, True),
        ("30 days after delivery", 1, False),
        ("30 / 60 / 10 with retention", 3, False),
        ("30 / 40 / 25 / 5 for projects", 4, False),
        ("100 % in advance", 1, False),
        ("30 days after invoice", 1, False),
        ("Twelve months from signing", 12, False),
    ]


def test_twelve_equal_parts_of_an_odd_total(signed):
    template = PlanTemplate.objects.get(name="Twelve months from signing")
    from loudou.contracts.services.plan_drafting import lines_of

    signed("1000.00", plan=lines_of(template), signed="01-31")
    rows = Instalment.objects.order_by("position")
    assert sorted({row.amount for row in rows}) == [Decimal("83.33"), Decimal("83.34")]
    assert sum(row.amount for row in rows) == 1000
    assert [f"{row.due_on:%m-%d}" for row in rows][:4] == ["02-28", "03-31", "04-30", "05-31"]


def test_a_new_default_takes_the_place_of_the_old_one(administrator, signed):
    made = services.create_plan_template(
        administrator, draft=PlanTemplateDraft("Halves", [HALF, HALF], is_default=True)
    )
    assert list(PlanTemplate.objects.filter(is_default=True)) == [made]
    contract = signed("100.01")
    assert [row.amount for row in contract.instalments.order_by("position")] == [Decimal("50.01"), Decimal("50.00")]
    with pytest.raises(InvalidInput):
        services.update_plan_template(administrator, made.pk, draft=PlanTemplateDraft("Halves", [HALF]))
    first = PlanTemplate.objects.get(position=1)
    services.update_plan_template(
        administrator, first.pk, draft=PlanTemplateDraft("Later", [HALF], is_default=True), version=first.version
    )
    assert list(PlanTemplate.objects.filter(is_default=True)) == [first]


@pytest.mark.parametrize(
    "instalments",
    [
        [],
        [TemplateInstalmentDraft("None", Decimal(0), DueBasis.SIGNING)],
        [TemplateInstalmentDraft("Day", Decimal(1), DueBasis.DATE)],
        [TemplateInstalmentDraft("", Decimal(1), DueBasis.SIGNING)],
    ],
)
def test_what_makes_no_plan_is_refused(administrator, instalments):
    with pytest.raises(InvalidInput) as refused:
        services.create_plan_template(administrator, draft=PlanTemplateDraft("Odd", instalments))
    assert list(refused.value.errors) == ["instalments"]
    assert not PlanTemplate.objects.filter(name="Odd").exists()


def test_finance_uses_templates_and_an_administrator_sets_them_up(finance, administrator):
    with pytest.raises(PermissionRefused):
        services.create_plan_template(finance, draft=PlanTemplateDraft("Mine", [HALF]))
    first = PlanTemplate.objects.get(position=1)
    with pytest.raises(StaleWrite):
        services.update_plan_template(
            administrator, first.pk, draft=PlanTemplateDraft("X", [HALF], is_default=True), version=99
        )
    assert PlanTemplate.objects.get(pk=first.pk).name == "On delivery, at agreed payment days"
