"""Recording that somebody verified a need, and taking it back."""

from __future__ import annotations

import datetime as dt

import pytest

from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused
from loudou.customers import services
from loudou.customers.choices import Phase
from loudou.customers.errors import NeedNotVerified, ReasonMissing
from loudou.customers.models import Evidence, PhaseChange
from loudou.customers.services import ContactDraft
from loudou.people.choices import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

FACTS = {"how": "visit", "evidence": "They showed us the old line"}


def test_a_verified_need_makes_a_prospect(owner, acme, now, today, findings):
    fang = services.create_contact(owner, ContactDraft(name="Wang Fang"))
    acme = services.verify_need(owner, acme.pk, **FACTS, on=today, at=now, contact_id=fang.pk)
    assert (acme.phase, acme.phase_since) == (Phase.PROSPECT, now)
    row = Evidence.objects.get()
    assert (row.actor, row.cause, row.subject_label) == (owner, FACTS["evidence"], FACTS["evidence"])
    assert row.facts == {"how": "visit", "on": "2026-06-15", "contact_id": fang.pk, "contact": "Wang Fang"}
    assert findings() == {}


def test_it_counts_from_the_day_on_which_it_was_verified(owner, acme, now, today):
    services.verify_need(owner, acme.pk, **FACTS, on=today - dt.timedelta(10), at=now)
    assert PhaseChange.objects.get().at.date() == today - dt.timedelta(10)


def test_an_opposite_record_takes_it_back_and_both_stay(owner, acme, now, today, findings):
    services.verify_need(owner, acme.pk, **FACTS, on=today, at=now)
    acme = services.revoke_need(owner, acme.pk, reason="They bought elsewhere", at=now)
    assert acme.phase == Phase.OUTSIDE
    rows = list(Evidence.objects.order_by("id").values_list("holds", "cause"))
    assert rows == [(True, FACTS["evidence"]), (False, "They bought elsewhere")]
    with pytest.raises(NeedNotVerified):
        services.revoke_need(owner, acme.pk, reason="Again", at=now)
    assert findings() == {}


def test_it_needs_evidence_a_way_and_a_day_that_has_come(owner, acme, now, today):
    for wrong, refusal in (
        ({"evidence": "  "}, ReasonMissing),
        ({"evidence": "x" * 256}, InvalidInput),
        ({"how": "rumour"}, InvalidInput),
        ({"on": today + dt.timedelta(1)}, InvalidInput),
        ({"contact_id": 10**9}, InvalidInput),
    ):
        with pytest.raises(refusal):
            services.verify_need(owner, acme.pk, **({**FACTS, "on": today} | wrong), at=now)
    assert not Evidence.objects.exists()


def test_strangers_and_finance_do_not_verify(stranger, make_user, acme, now, today):
    with pytest.raises(NotVisible):
        services.verify_need(stranger, acme.pk, **FACTS, on=today, at=now)
    with pytest.raises(PermissionRefused):
        services.verify_need(make_user("fay", Role.FINANCE), acme.pk, **FACTS, on=today, at=now)
    assert not Evidence.objects.exists()
