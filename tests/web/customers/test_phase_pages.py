"""The strip of phases, verifying needs, holds and releases on the pages."""

from __future__ import annotations

import datetime as dt

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from loudou.customers import services
from loudou.customers.choices import Phase, ReleaseState
from loudou.customers.models import Customer, SupplyRelease
from loudou.customers.segment_rule import SegmentRule
from loudou.customers.services import CustomerDraft
from loudou.people.choices import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def finance(make_user):
    return make_user("fay", Role.FINANCE)


@pytest.fixture
def acme(owner, now):
    return services.create_customer(owner, CustomerDraft(name="Acme", industry="Food"), at=now)


def phase_page(client, user, customer):
    response = client.as_(user).get(reverse("customers:customer_phase", args=[customer.pk]))
    return response.content.decode()


def test_the_strip_says_why_and_what_is_missing(client, owner, acme, now):
    page = phase_page(client, owner, acme)
    assert "Nothing on record places this customer in the funnel." in page
    assert "It matches none of the target segments." in page
    url = reverse("customers:need_verify", args=[acme.pk])
    sent = {"how": "visit", "on": "2026-06-15", "evidence": "They showed us the old line"}
    assert client.as_(owner).post(url, sent).status_code == 302
    acme.refresh_from_db()
    assert acme.phase == Phase.PROSPECT
    page = phase_page(client, owner, acme)
    assert "Its need was verified: They showed us the old line." in page
    assert "Missing for “Target customer”" in page
    client.as_(owner).post(reverse("customers:need_revoke", args=[acme.pk]), {"reason": "They bought elsewhere"})
    assert Customer.objects.get(pk=acme.pk).phase == Phase.OUTSIDE


def test_the_strip_costs_few_statements(client, owner, acme, django_assert_max_num_queries):
    signed_in = client.as_(owner)
    signed_in.get(reverse("customers:customer_phase", args=[acme.pk]))
    with django_assert_max_num_queries(12):
        signed_in.get(reverse("customers:customer_phase", args=[acme.pk]))


def test_a_hold_is_placed_released_and_lifted(client, owner, finance, acme):
    client.as_(finance).post(reverse("customers:hold_place", args=[acme.pk]), {"reason": "Three letters"})
    assert "Three letters" in phase_page(client, owner, acme)
    asked = {"until_on": "2026-06-20", "amount": "100", "currency": "CNY", "reason": "They pay on Friday"}
    assert client.as_(owner).post(reverse("customers:release_request", args=[acme.pk]), asked).status_code == 302
    decide = reverse("customers:release_decide", args=[SupplyRelease.objects.get().pk])
    client.as_(owner).post(decide, {"decision": "approve"})
    assert SupplyRelease.objects.get().state == ReleaseState.REQUESTED
    client.as_(finance).post(decide, {"decision": "approve"})
    assert SupplyRelease.objects.get().state == ReleaseState.APPROVED
    client.as_(finance).post(reverse("customers:hold_lift", args=[acme.pk]), {"reason": "Paid"})
    assert Customer.objects.get(pk=acme.pk).held_since is None


def test_policy_figures_are_typed_in_per_cent(client, finance, acme):
    url = reverse("customers:policy", args=[acme.pk])
    sent = {"max_discount_rate": "7.5", "credit_limit": "50000", "credit_currency": "CNY", "payment_days": "30"}
    assert client.as_(finance).post(url, sent).status_code == 302
    acme.refresh_from_db()
    assert (str(acme.max_discount_rate), acme.payment_days, acme.grace_days) == ("0.0750", 30, None)
    assert 'value="7.5"' in client.as_(finance).get(url).content.decode()


def test_the_list_narrows_by_phase_segment_and_hold(client, owner, finance, make_user, acme, now):
    other = services.create_customer(owner, CustomerDraft(name="Bolt"), at=now)
    operations = make_user("olga", Role.OPERATIONS)
    segment = services.create_segment(operations, name="Food", rule=SegmentRule(industry=("Food",)), at=now)
    services.place_hold(finance, other.pk, reason="Unpaid", at=now)
    signed_in = client.as_(owner)
    for query, found in (
        ("phase=target_market", {"Acme"}),
        (f"segment={segment.pk}", {"Acme"}),
        ("held=true", {"Bolt"}),
        ("held=false", {"Acme"}),
        ("phase=outside&phase=target_market", {"Acme", "Bolt"}),
    ):
        page = signed_in.get(f"{reverse('customers:customer_list')}?{query}").content.decode()
        rows = page[page.index("<tbody") :]
        assert {name for name in ("Acme", "Bolt") if name in rows} == found, query


def test_a_long_list_of_reasons_is_folded_after_five():
    lines = [{"sentence": f"Instalment {number} is late", "url": ""} for number in range(1, 9)]
    drawn = render_to_string("customers/_sentences.html", {"lines": lines})
    shown, folded = drawn.split("<details>")
    assert (shown.count("<li>"), folded.count("<li>")) == (5, 3)
    assert "3 more" in folded


def test_releases_that_wait_stand_together_with_the_hold_and_the_deciders(client, owner, finance, executive, acme, now):
    services.place_hold(finance, acme.pk, reason="Three letters, no money", at=now)
    until = now.date() + dt.timedelta(days=5)
    asked = services.request_release(owner, acme.pk, reason="They pay on Friday", until_on=until, at=now)
    own = services.request_release(finance, acme.pk, reason="Their press stands still", until_on=until, at=now)
    page = client.as_(finance).get(reverse("customers:releases")).content.decode()
    decide = [reverse("customers:release_decide", args=[release.pk]) for release in (asked, own)]
    assert "They pay on Friday" in page
    assert page.count("Three letters, no money") == 2
    assert decide[0] in page
    assert decide[1] not in page  # somebody else decides it
    assert decide[1] in client.as_(executive).get(reverse("customers:releases")).content.decode()
    services.approve_release(executive, asked.pk, at=now)
    assert "They pay on Friday" not in client.as_(finance).get(reverse("customers:releases")).content.decode()
    assert client.as_(owner).get(reverse("customers:releases")).status_code == 403
