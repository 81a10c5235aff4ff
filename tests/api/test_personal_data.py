"""Personal data by API: preview, copy, erasure, register."""

import pytest

from loudou.customers import services as customers
from loudou.customers.models import Contact
from loudou.customers.services import ContactDraft
from loudou.privacy.models import PersonalDataRequest

pytestmark = pytest.mark.django_db

WHY = {"asked_on": "2026-06-10", "way": "letter"}


@pytest.fixture
def contact(owner):
    return customers.create_contact(owner, ContactDraft(name="Ottilie Nadel", emails=("ottilie@example.com",)))


def test_a_program_previews_and_erases_once(api, operations, contact, make):
    sale = make(notes="write to ottilie@example.com")
    browser, path = api.as_(operations), f"/api/v1/contacts/{contact.pk}/erasure"
    preview = browser.get(path).json()
    [place] = preview["places"]
    assert place == {
        "key": f"pipeline.opportunity:{sale.pk}:notes", "text": "write to ottilie@example.com", "sure": True,
        "kept_because": "",
    }  # fmt: skip
    body = {**WHY, "confirmation": "Ottilie Nadel", "seen": preview["seen"], "places": [place["key"]]}
    first = browser.post(path, body, headers={"Idempotency-Key": "e1"})
    again = browser.post(path, body, headers={"Idempotency-Key": "e1"})
    assert (first.status_code, again.headers["Idempotent-Replayed"], first.json()) == (201, "true", again.json())
    assert first.json()["contact"]["name"] == f"Erased contact 已删除联系人 #{contact.pk}"
    shell = browser.get(f"/api/v1/contacts/{contact.pk}").json()
    assert (shell["emails"], shell["do_not_mail"], shell["erased_at"] is None) == ([], True, False)
    assert browser.get("/api/v1/contacts").json()["items"] == []
    refused = browser.post(path, body)
    assert (refused.status_code, refused.json()["code"]) == (409, "contact_erased")
    stale = browser.patch(f"/api/v1/contacts/{contact.pk}", {"version": shell["version"], "notes": "back"})
    assert (stale.status_code, stale.json()["code"]) == (409, "contact_erased")
    sale.refresh_from_db()
    assert sale.notes == "write to ███"


def test_a_program_takes_a_copy_and_reads_the_register(api, operations, auditor, owner, contact):
    browser = api.as_(operations)
    made = browser.post(f"/api/v1/contacts/{contact.pk}/personal-data-requests", {**WHY, "kind": "copy"})
    assert made.status_code == 201
    copy = browser.get(f"/api/v1/contacts/{contact.pk}/personal-data").json()
    assert copy["contact"]["emails"] == ["ottilie@example.com"]
    [row] = api.as_(auditor).get("/api/v1/personal-data-requests?state=done").json()["items"]
    assert (row["id"], row["kind"], row["done_by"]["id"]) == (made.json()["id"], "copy", operations.pk)
    refused = api.as_(owner).get(f"/api/v1/contacts/{contact.pk}/personal-data")
    assert refused.status_code == 403


def test_whoever_was_erased_is_refused_with_a_code(api, operations, owner, contact):
    path = f"/api/v1/contacts/{contact.pk}/erasure"
    wrong = api.as_(operations).post(path, {**WHY, "confirmation": "Somebody"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "name_not_confirmed")
    assert not PersonalDataRequest.objects.exists()
    api.as_(operations).post(path, {**WHY, "confirmation": "Ottilie Nadel"})
    again = {"name": "Ottilie", "emails": ["ottilie@example.com"]}
    refused = api.as_(owner).post("/api/v1/contacts", again)
    assert (refused.status_code, refused.json()["code"]) == (409, "person_forgotten")
    allowed = api.as_(operations).post("/api/v1/contacts", {**again, "despite_erasure": "agreed"})
    assert (allowed.status_code, Contact.objects.present().count()) == (201, 1)
