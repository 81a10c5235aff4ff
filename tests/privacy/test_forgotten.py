"""Who was erased does not come back unnoticed; and the register of requests."""

import datetime as dt

import pytest

from loudou.core import checks
from loudou.core.refusals import PermissionRefused
from loudou.customers import services as customers
from loudou.customers.errors import ContactErased, PersonForgotten, ReasonMissing
from loudou.customers.models import Contact, ForgottenIdentity
from loudou.customers.services import ContactDraft, PostDraft
from loudou.people.models import AuditEntry
from loudou.privacy import selectors, services
from loudou.privacy.errors import AskedInTheFuture, GroundNeedsNote, RequestAlreadyOpen
from loudou.privacy.models import PersonalDataRequest
from loudou.privacy.services.requests import Asked

from .conftest import ASKED, AT, EXTERNAL, MAIL, PHONE, WECHAT

pytestmark = pytest.mark.django_db


@pytest.fixture
def erased(operations, owner):
    """A contact that was known by a phone, a mail, a WeChat name and a foreign id, and had another mail before."""
    draft = ContactDraft(
        name="Ottilie", phones=(PHONE,), emails=("former@example.com",), wechat=WECHAT, external_id=EXTERNAL
    )
    contact = customers.create_contact(operations, draft)
    customers.update_contact(operations, contact.pk, changes={"emails": (MAIL,)}, at=AT)
    services.erase_contact(operations, contact.pk, confirmation="Ottilie", asked=ASKED, at=AT)
    return Contact.objects.get(pk=contact.pk)


@pytest.mark.parametrize(
    "facts",
    [
        {"phones": ("139 1234 0987",)},
        {"emails": (MAIL.upper(),)},
        {"emails": ("former@example.com",)},
        {"wechat": WECHAT},
        {"external_id": EXTERNAL},
    ],
)
def test_whoever_was_erased_is_refused_by_each_identity(erased, owner, facts):
    with pytest.raises(PersonForgotten):
        customers.create_contact(owner, ContactDraft(name="Somebody", **facts))
    assert Contact.objects.count() == 1


def test_a_namesake_is_somebody_else(erased, owner):
    customers.create_contact(owner, ContactDraft(name="Ottilie", phones=("13900000000",)))


def test_a_known_contact_does_not_get_an_erased_identity(erased, owner):
    other = customers.create_contact(owner, ContactDraft(name="Other"))
    with pytest.raises(PersonForgotten):
        customers.update_contact(owner, other.pk, changes={"emails": (MAIL,)}, at=AT)
    other.refresh_from_db()
    assert other.emails == []


def test_an_import_says_so_at_the_row(erased, load):
    job = load("contacts", f"name,emails\nNew One,new@example.com\nBack Again,{MAIL}\n")
    assert {name: n for name, n in job.counts["run"].items() if n} == {"created": 1, "failed": 1}
    [reason] = job.rows.get(number=3).reasons
    assert "was erased" in reason


def test_who_may_erase_may_record_again_with_a_reason(erased, operations, owner):
    draft = ContactDraft(name="Ottilie", emails=(MAIL,), despite_erasure="agreed at the fair on 12 June")
    with pytest.raises(PermissionRefused):
        customers.create_contact(owner, draft)
    with pytest.raises(ReasonMissing):
        customers.create_contact(operations, ContactDraft(name="Ottilie", emails=(MAIL,), despite_erasure=" "))
    again = customers.create_contact(operations, draft)
    event = AuditEntry.objects.get(table_name="recorded_again")
    assert (event.actor, event.object_id) == (operations, str(again.pk))
    assert event.after == {"why": "agreed at the fair on 12 June", "erased_contacts": [erased.pk]}
    customers.update_contact(
        owner if again.owner_id == owner.pk else operations, again.pk, changes={"wechat": "x"}, at=AT
    )
    kinds = sorted(ForgottenIdentity.objects.values_list("kind", flat=True))
    assert kinds == ["external_id", "mail", "phone", "wechat"]  # the mail left is the former one


def test_digests_tell_nothing_and_follow_the_signing_key(erased, owner, settings):
    stored = ForgottenIdentity.objects.get(kind="phone")
    assert (len(stored.digest), PHONE in stored.digest) == (64, False)
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another-key-that-is-long-enough-for-tests"
    checks.load()
    [(_check, found)] = checks.run(["privacy.identities"])
    assert [finding.record for finding in found] == [f"customers.contact {erased.pk}"]
    settings.SECRET_KEY_FALLBACKS = [former]
    [(_check, found)] = checks.run(["privacy.identities"])
    assert found == []
    with pytest.raises(PersonForgotten):
        customers.create_contact(owner, ContactDraft(name="Somebody", phones=(PHONE,)))


def test_nothing_is_added_to_a_shell(erased, operations, customer):
    with pytest.raises(ContactErased):
        customers.update_contact(operations, erased.pk, changes={"notes": "back"}, at=AT)
    with pytest.raises(ContactErased):
        customers.add_post(operations, erased.pk, post=PostDraft(customer_id=customer.pk, title="Head"))
    with pytest.raises(ContactErased):
        customers.move_contact(operations, erased.pk, post=PostDraft(customer_id=customer.pk), moved_on=AT.date())
    with pytest.raises(ContactErased):
        services.record_request(operations, erased.pk, kind="erase", asked=ASKED, at=AT)
    erased.refresh_from_db()
    assert (erased.notes, erased.posts.count()) == ("", 0)


def test_a_request_is_due_within_the_days_of_the_settings(operations, owner, auditor, settings):
    settings.PERSONAL_DATA_DAYS = 15
    contact = customers.create_contact(owner, ContactDraft(name="Ottilie"))
    request = services.record_request(operations, contact.pk, kind="erase", asked=ASKED, at=AT)
    assert (request.due_on, request.is_late(dt.date(2026, 6, 25)), request.is_late(dt.date(2026, 6, 26))) == (
        dt.date(2026, 6, 25), False, True
    )  # fmt: skip
    with pytest.raises(RequestAlreadyOpen):
        services.record_request(operations, contact.pk, kind="erase", asked=ASKED, at=AT)
    assert list(selectors.requests_register(auditor)) == [request]
    done = services.erase_contact(operations, contact.pk, confirmation="Ottilie", asked=ASKED, at=AT)
    assert (done.pk, PersonalDataRequest.objects.open().count()) == (request.pk, 0)


def test_a_request_says_when_and_why(operations, owner):
    contact = customers.create_contact(owner, ContactDraft(name="Ottilie"))
    with pytest.raises(AskedInTheFuture):
        services.record_request(operations, contact.pk, kind="copy", asked=Asked(on=dt.date(2026, 6, 16)), at=AT)
    with pytest.raises(GroundNeedsNote):
        asked = Asked(on=AT.date(), ground="other")
        services.record_request(operations, contact.pk, kind="copy", asked=asked, at=AT)
    with pytest.raises(PermissionRefused):
        services.record_request(owner, contact.pk, kind="copy", asked=ASKED, at=AT)
    assert not PersonalDataRequest.objects.exists()
