"""Pages about personal data: what is held, the preview and the erasure, the register, and who comes back."""

import pytest
from django.urls import reverse

from loudou.customers import services as customers
from loudou.customers.models import Contact
from loudou.customers.services import ContactDraft, CustomerDraft, PostDraft
from loudou.people.models import AuditEntry
from loudou.privacy import selectors
from loudou.privacy.models import PersonalDataRequest

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

WHY = {"asked_on": "2026-06-10", "way": "letter", "ground": "request", "note": ""}


@pytest.fixture
def customer(owner, now):
    return customers.create_customer(owner, CustomerDraft(name="Hengda", notes="Ottilie Nadel decides"), at=now)


@pytest.fixture
def contact(owner, customer):
    post = PostDraft(customer_id=customer.pk, title="Head")
    draft = ContactDraft(name="Ottilie Nadel", emails=("ottilie@example.com",), post=post)
    return customers.create_contact(owner, draft)


def address(name, contact):
    return reverse(f"privacy:{name}", args=[contact.pk])


def preview(contact):
    places = selectors.places_of(selectors.person_of(contact))
    return {"seen": selectors.shown(places), "place": [place.key for place in places if place.is_sure]}


def test_the_page_says_what_is_held_and_the_copy_is_a_zip(client, operations, contact):
    browser = client.as_(operations)
    page = browser.get(address("held", contact))
    assert page.status_code == 200
    assert "Ottilie Nadel decides" in page.content.decode()
    file = browser.get(address("copy", contact))
    assert (file.status_code, file["Content-Type"]) == (200, "application/zip")
    assert b"".join(file.streaming_content).startswith(b"PK")
    assert AuditEntry.objects.filter(table_name="export_ended", after__outcome="finished").count() == 1


def test_the_preview_is_ticked_and_the_erasure_follows_it(client, operations, contact, customer):
    browser = client.as_(operations)
    page = browser.get(address("erase", contact)).content.decode()
    assert f'value="customers.customer:{customer.pk}:notes" checked' in page
    sent = browser.post(address("erase", contact), {**WHY, **preview(contact), "confirmation": "Ottilie Nadel"})
    assert (sent.status_code, sent["Location"]) == (302, reverse("customers:contact", args=[contact.pk]))
    customer.refresh_from_db()
    assert customer.notes == "███ decides"
    shell = browser.get(sent["Location"]).content.decode()
    assert "were erased on" in shell and reverse("customers:contact_edit", args=[contact.pk]) not in shell
    assert "Ottilie" not in shell
    refused = browser.get(address("erase", contact))
    assert refused.status_code == 409


def test_a_wrong_name_and_an_old_preview_change_nothing_and_keep_what_was_ticked(client, operations, contact, customer):
    browser = client.as_(operations)
    wrong = browser.post(address("erase", contact), {**WHY, **preview(contact), "confirmation": "Nobody", "place": []})
    assert wrong.status_code == 422
    text = wrong.content.decode()
    assert "The name does not agree" in text
    assert f'value="customers.customer:{customer.pk}:notes">' in text
    old = browser.post(address("erase", contact), {**WHY, "seen": "old", "confirmation": "Ottilie Nadel"})
    assert (old.status_code, "changed since the preview" in old.content.decode()) == (422, True)
    contact.refresh_from_db()
    assert (contact.name, contact.erased_at, PersonalDataRequest.objects.count()) == ("Ottilie Nadel", None, 0)


def test_a_request_stands_in_the_register_until_it_is_answered(client, operations, auditor, contact):
    browser = client.as_(operations)
    late = browser.post(address("request_add", contact), {**WHY, "kind": "erase", "asked_on": "2026-07-01"})
    assert (late.status_code, "still to come" in late.content.decode()) == (422, True)
    browser.post(address("request_add", contact), {**WHY, "kind": "erase"})
    register = client.as_(auditor).get(reverse("privacy:request_list")).content.decode()
    assert "Ottilie Nadel" in register and "2026-07-10" in register
    browser.post(address("erase", contact), {**WHY, **preview(contact), "confirmation": "Ottilie Nadel"})
    done = client.as_(auditor).get(reverse("privacy:request_list") + "?state=done").content.decode()
    assert f"Erased contact 已删除联系人 #{contact.pk}" in done and "Ottilie" not in done


def test_the_shell_is_in_no_list_search_or_chooser(client, owner, operations, contact, customer):
    browser = client.as_(operations)
    browser.post(address("erase", contact), {**WHY, **preview(contact), "confirmation": "Ottilie Nadel"})
    name = f"Erased contact 已删除联系人 #{contact.pk}"
    for where in (
        reverse("customers:contact_list"),
        reverse("customers:contact_list") + "?export=csv",
        reverse("frame:choose_contacts") + f"?customer={customer.pk}",
        reverse("frame:choose_contacts") + "?q=Erased",
        reverse("frame:search") + "?q=Erased",
        reverse("customers:customer", args=[customer.pk]),
    ):
        answer = browser.get(where)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == 200, where
        assert name not in content.decode(), where


def test_recording_the_person_again_asks_for_a_reason(client, owner, operations, contact):
    browser = client.as_(operations)
    browser.post(address("erase", contact), {**WHY, **preview(contact), "confirmation": "Ottilie Nadel"})
    facts = {"name": "Ottilie Nadel", "emails": "ottilie@example.com"}
    form = reverse("customers:contact_add")
    refused = browser.post(form, facts)
    assert (refused.status_code, "despite_erasure" in refused.content.decode()) == (422, True)
    as_rep = client.as_(owner).post(form, facts)
    assert (as_rep.status_code, "despite_erasure" in as_rep.content.decode()) == (422, False)
    assert Contact.objects.present().count() == 0
    browser.post(form, {**facts, "despite_erasure": "asked us to write again"})
    assert Contact.objects.present().get().emails == ["ottilie@example.com"]
