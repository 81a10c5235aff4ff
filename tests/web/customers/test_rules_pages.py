"""The settings of phases: names, thresholds, what would follow, and that it does."""

import datetime as dt

import pytest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from loudou.core import checks
from loudou.customers import services
from loudou.customers.choices import EvidenceKind, Phase, PhaseCause
from loudou.customers.models import Customer, CustomerRules, PhaseChange
from loudou.customers.phases import EvidenceSubject
from loudou.customers.segment_rule import SegmentRule
from loudou.customers.services import CustomerDraft
from loudou.customers.services import rules as rule_services
from loudou.customers.tasks import follow_rules
from loudou.people.choices import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SENT = {"horizon_days": "90", "grace_days": "0", "late_counts_days": "", "credit_currency": ""}


@pytest.fixture
def olga(make_user):
    return make_user("olga", Role.OPERATIONS)


@pytest.fixture
def acme(owner, now, today):
    """A customer whose sale is expected in a hundred days: intent that does not count yet."""
    row = services.create_customer(owner, CustomerDraft(name="Acme"), at=now)
    deal = EvidenceSubject("pipeline.opportunity", 1, "Deal")
    services.record_evidence(
        owner, row.pk, kind=EvidenceKind.INTENT, subject=deal, holds=True, at=now, now=now,
        due_on=today + dt.timedelta(100),
    )  # fmt: skip
    return row


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def test_the_preview_names_who_would_move_and_moves_nobody(client, olga, acme):
    asks = client.as_(olga)
    preview = reverse("customers:rules_preview")
    told = text(asks.get(preview, SENT | {"horizon_days": "100"}))
    assert "One customer would change its phase today:" in told
    assert f'href="{reverse("customers:customer", args=[acme.pk])}"' in told
    assert "No customer would change its phase today." in text(asks.get(preview, SENT))
    assert "cannot be" in text(asks.get(preview, SENT | {"horizon_days": "0"}))
    acme.refresh_from_db()
    assert acme.phase == Phase.OUTSIDE
    assert not CustomerRules.objects.exists()


def test_a_saved_threshold_really_moves_phases_and_is_written_down(client, olga, acme):
    asks = client.as_(olga)
    assert asks.post(reverse("customers:rules"), SENT | {"horizon_days": "100"}).status_code == 302
    acme.refresh_from_db()
    assert acme.phase == Phase.TARGET
    assert PhaseChange.objects.get().actor == olga
    assert asks.post(reverse("customers:rules"), SENT | {"horizon_days": "99"}).status_code == 302
    acme.refresh_from_db()
    assert acme.phase == Phase.OUTSIDE
    auditor = client.as_(acme.owner)
    assert auditor.get(reverse("customers:rules")).status_code == 403


def test_of_many_customers_a_job_does_it(client, olga, acme, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(rule_services, "AT_ONCE", 0)
    with django_capture_on_commit_callbacks(execute=True):
        for days in ("100", "101"):
            client.as_(olga).post(reverse("customers:rules"), SENT | {"horizon_days": days})
    acme.refresh_from_db()
    assert acme.phase == Phase.OUTSIDE
    assert "does not follow from these rules yet" in text(client.as_(olga).get(reverse("customers:rules")))
    job = ProcrastinateJob.objects.get(task_name="customers.follow_rules")  # the second found the first one waiting
    follow_rules(**job.args)
    acme.refresh_from_db()
    change = PhaseChange.objects.get()
    assert (acme.phase, change.cause, change.actor) == (Phase.TARGET, PhaseCause.RULES, olga)
    checks.load()
    assert [found for check, found in checks.run(["customers.phase", "customers.phase_history"]) if found] == []


def test_a_name_is_shown_wherever_the_phase_is_in_the_readers_language(client, olga, acme, owner, now):
    services.create_segment(olga, name="Eaters", rule=SegmentRule(industry=("Food",)), at=now)
    Customer.objects.filter(pk=acme.pk).update(phase=Phase.SIGNED)
    names = {"name_signed_en": "Under contract", "name_signed_zh_hans": "已签约客户"}
    assert client.as_(olga).post(reverse("customers:rules"), SENT | names).status_code == 302
    for language, name in (("en", "Under contract"), ("zh-hans", "已签约客户")):
        type(owner).objects.filter(pk=owner.pk).update(language=language)
        reader = client.as_(owner)
        assert f">{name}</span>" in text(reader.get(reverse("customers:customer_list")))
        assert name in text(reader.get(reverse("customers:segment_list")))
        assert name in text(reader.get(reverse("customers:customer_phase", args=[acme.pk])))
        exported = reader.get(reverse("customers:customer_list"), {"export": "csv"})
        assert name in b"".join(exported.streaming_content).decode()


def test_a_name_that_is_too_long_is_refused_beside_its_field(client, olga):
    answer = client.as_(olga).post(reverse("customers:rules"), SENT | {"name_signed_en": "x" * 41})
    assert answer.status_code == 422
    assert not CustomerRules.objects.exclude(phase_names={}).exists()
