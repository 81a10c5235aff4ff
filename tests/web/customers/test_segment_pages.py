"""The list of segments and the form of their rules."""

import pytest
from django.urls import reverse

from loudou.customers import services
from loudou.customers.choices import Phase
from loudou.customers.models import Customer, Segment
from loudou.customers.segment_rule import SegmentRule
from loudou.customers.services import CustomerDraft
from loudou.people.choices import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def test_a_rule_is_typed_counted_and_changed(client, make_user, owner, stranger, now):
    services.create_customer(owner, CustomerDraft(name="Acme", industry="Food", employees=80), at=now)
    services.create_customer(stranger, CustomerDraft(name="Corn", industry="food"), at=now)
    olga = client.as_(make_user("olga", Role.OPERATIONS))
    sent = {"name": "Eaters", "industry": "Food，Drinks", "is_active": "on"}
    assert olga.post(reverse("customers:segment_add"), sent).status_code == 302
    segment = Segment.objects.get()
    assert segment.conditions == SegmentRule(industry=("Food", "Drinks"))
    counts = lambda who: who.get(reverse("customers:segment_list")).content.decode()  # noqa: E731
    assert f'?segment={segment.pk}">2</a>' in counts(olga)
    assert f'?segment={segment.pk}">1</a>' in counts(client.as_(owner))
    edit = reverse("customers:segment_edit", args=[segment.pk])
    assert 'value="Food, Drinks"' in olga.get(edit).content.decode()
    olga.post(edit, sent | {"employees_from": "50", "version": str(segment.version)})
    assert dict(Customer.objects.values_list("name", "phase")) == {"Acme": Phase.TARGET_MARKET, "Corn": Phase.OUTSIDE}
    assert client.as_(owner).get(reverse("customers:segment_add")).status_code == 403


def test_the_api_tells_the_phase_and_narrows_by_it(api, owner, now, make_user):
    services.create_customer(owner, CustomerDraft(name="Acme", industry="Food"), at=now)
    services.create_customer(owner, CustomerDraft(name="Bolt"), at=now)
    rule = SegmentRule(industry=("Food",))
    services.create_segment(make_user("olga", Role.OPERATIONS), name="Eaters", rule=rule, at=now)
    answer = api.as_(owner).get("/api/v1/customers?phase=1").json()
    assert [(row["name"], row["phase"], row["held_since"]) for row in answer["items"]] == [("Acme", 1, None)]


def test_the_preview_counts_who_would_match_and_saves_nothing(client, owner, stranger, make_user, now):
    services.create_customer(owner, CustomerDraft(name="Acme", industry="Food"), at=now)
    services.create_customer(stranger, CustomerDraft(name="Corn", industry="food"), at=now)
    olga = client.as_(make_user("olga", Role.OPERATIONS))
    told = olga.get(reverse("customers:segment_preview"), {"industry": "Food"}).content.decode()
    assert "2 customers match" in told
    assert "won so far CN¥0" in told
    assert "Name at least one condition" in olga.get(reverse("customers:segment_preview")).content.decode()
    assert not Segment.objects.exists()
