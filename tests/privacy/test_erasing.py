"""Erasing a contact: nothing that names the person is left but what is kept as a record of the business."""

import pytest
from django.db import DatabaseError, connection, transaction

from loudou.contracts.models import ContractAct
from loudou.core.blackening import MARK
from loudou.core.refusals import NotVisible, PermissionRefused
from loudou.customers.errors import ContactErased
from loudou.customers.models import Contact
from loudou.people.models import AuditEntry
from loudou.people.selectors.audit import audit_of, changes_of
from loudou.pipeline.models import Competitor
from loudou.privacy import services
from loudou.privacy.errors import NameNotConfirmed, PlacesChanged
from loudou.privacy.models import PersonalDataRequest
from loudou.privacy.selectors import person_of, places_of, shown

from .conftest import ASKED, AT, NAME, NEEDLES, files_holding, holding

pytestmark = pytest.mark.django_db

KEPT = (
    "contracts_contractact.person",
    "contracts_contractversion.parties",
    "people_auditentry.after",
    "people_auditentry.search_text",
)
"""The papers of a signed contract, and the audit of these rows."""


def test_the_needles_are_everywhere_before(traces, settings):
    before = holding(NEEDLES)
    assert {
        "customers_contact.name", "customers_post.title", "people_auditentry.before", "people_auditentry.after",
        "exchange_importrow.cells", "pipeline_opportunity.subject", "pipeline_opportunity.next_step",
        "pipeline_opportunity.search_text", "customers_customer.notes", "customers_evidence.cause",
        "customers_evidence.facts", "customers_standingevidence.subject_label", "customers_customerfile.name",
        "contracts_contractact.person",
    } <= set(before)  # fmt: skip
    assert len(files_holding(settings.MEDIA_ROOT, NEEDLES)) >= 2


def test_after_the_erasure_only_business_records_hold_the_person(
    traces, erase, settings, findings, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        erase(traces.contact)
    left = holding(NEEDLES)
    assert left == {place: {NAME} for place in KEPT}
    naming = AuditEntry.objects.filter(search_text__icontains=NAME)
    assert {entry.table_name for entry in naming} == {"contracts_contractact", "contracts_contractversion"}
    assert ContractAct.objects.get(person=NAME).contact_id == traces.contact.pk
    assert files_holding(settings.MEDIA_ROOT, NEEDLES) == []
    assert findings() == []


def test_what_is_left_is_an_empty_shell(traces, erase, operations):
    request = erase(traces.contact)
    shell = Contact.objects.get(pk=traces.contact.pk)
    assert (shell.name, shell.erased_at) == (f"Erased contact 已删除联系人 #{shell.pk}", AT)
    assert (shell.salutation, shell.phones, shell.emails, shell.wechat, shell.notes) == ("", [], [], "", "")
    assert (shell.do_not_call, shell.do_not_mail, shell.do_not_message) == (True, True, True)
    post = shell.posts.get(customer=traces.customer)
    assert (post.title, post.department) == ("", "")
    assert traces.sale.people.get().contact_id == shell.pk
    traces.sale.refresh_from_db()
    assert traces.sale.subject == f"Presses for {MARK}"
    traces.customer.refresh_from_db()
    assert (traces.customer.notes, traces.customer.emails) == (f"{MARK} decides. Call {MARK}.", [])
    assert (request.done_at, request.done_by, request.contact_id) == (AT, operations, shell.pk)


def test_the_audit_keeps_who_when_and_which_field(traces, erase, operations, auditor):
    before = {
        entry.pk: (entry.at, entry.actor_id, entry.operation, sorted(entry.after or {}))
        for entry in audit_of(operations, "customers_contact", traces.contact.pk)
    }
    erase(traces.contact)
    entries = list(audit_of(auditor, "customers_contact", traces.contact.pk))
    after = {
        entry.pk: (entry.at, entry.actor_id, entry.operation, sorted(entry.after or {}))
        for entry in entries
        if entry.pk in before
    }
    assert after == before
    renamed = next(
        entry for entry in entries if entry.operation == "update" and entry.pk in before and "name" in entry.after
    )
    said = [change for change in changes_of([renamed])[renamed.pk] if change.field == "name"]
    assert [(change.before, change.after) for change in said] == [("erased", "erased")]
    event = AuditEntry.objects.get(table_name="personal_data_erased")
    assert (event.actor, event.object_id, event.after["ground"], event.after["kept"]) == (
        operations, str(traces.contact.pk), "request", 2
    )  # fmt: skip


def test_the_audit_cannot_be_changed_outside_an_erasure(traces, erase):
    erase(traces.contact)
    event = AuditEntry.objects.get(table_name="personal_data_erased")
    other = AuditEntry.objects.get(
        table_name="customers_customer", operation="insert", object_id=str(traces.customer.pk)
    )

    def tamper(setting, after):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('loudou.erasure', %s, true)", [setting])
            AuditEntry.objects.filter(pk=other.pk).update(after=after)

    with pytest.raises(DatabaseError, match="append-only"):
        tamper("", dict.fromkeys(other.after, MARK))
    with pytest.raises(DatabaseError, match="append-only"):
        tamper(str(other.pk), dict.fromkeys(other.after, MARK))  # not the event of an erasure
    with pytest.raises(DatabaseError, match="append-only"):
        tamper(str(event.pk), other.after | {"city": "Shanghai"})  # nothing is ever put in
    with pytest.raises(DatabaseError, match="append-only"):
        tamper(str(event.pk), other.after | {"city": f"Shanghai {MARK}"})
    with pytest.raises(DatabaseError, match="append-only"):
        tamper(str(event.pk), {name: value for name, value in other.after.items() if name != "city"})
    other.refresh_from_db()
    assert other.after["city"] == "Wuhan"


@pytest.mark.parametrize(
    ("was", "now", "passes"),
    [
        ('"Call Ann now"', '"Call ███ now"', True),
        ('"Call Ann now"', '"███"', True),
        ('"Call Ann now"', '"Call Bob ███"', False),
        ('"Call Ann now"', '"Call Ann"', False),
        (r'"100% a_b\\"', r'"100% ███\\"', True),
        ('"100x a_b"', '"100% ███"', False),
        ('["a", "b"]', '["███", "b"]', True),
        ('["a", "b"]', '["███"]', False),
        ('{"x": {"y": "Ann"}}', '{"x": {"y": "███"}}', True),
        ('{"x": 1}', '{"x": 2}', False),
        ('{"x": 1}', '{"x": 1, "z": "███"}', False),
        ("null", '"Ann"', False),
    ],
)
def test_blackening_only_takes_away(was, now, passes):
    with connection.cursor() as cursor:
        cursor.execute("SELECT loudou_is_blackened(%s::jsonb, %s::jsonb)", [was, now])
        assert cursor.fetchone() == (passes,)


def test_the_preview_tells_what_goes_what_stays_and_what_is_doubtful(traces, owner, customer):
    twin = Competitor.objects.create(name="Rival", strengths=f"their seller is called {NAME}")
    places = {place.key: place for place in places_of(person_of(traces.contact))}
    assert places[f"pipeline.opportunity:{traces.sale.pk}:subject"].is_sure
    assert not places[f"pipeline.competitor:{twin.pk}:strengths"].is_sure
    kept = sorted(place.label for place in places.values() if place.treatment == "kept")
    assert kept == ["contracts.contractact", "contracts.contractversion"]


def test_doubtful_places_are_left_unless_chosen(traces, erase):
    twin = Competitor.objects.create(name="Rival", strengths=f"their seller is called {NAME}")
    erase(traces.contact)
    twin.refresh_from_db()
    assert twin.strengths == f"their seller is called {NAME}"


def test_a_place_that_is_not_chosen_stays(traces, erase):
    keys = {place.key for place in places_of(person_of(traces.contact))}
    erase(traces.contact, places=keys - {f"customers.customer:{traces.customer.pk}:notes"})
    traces.customer.refresh_from_db()
    assert NAME in traces.customer.notes


@pytest.mark.parametrize("who", ["owner", "manager", "finance", "executive", "auditor"])
def test_only_sales_operations_and_administrators_erase(traces, erase, who, request):
    with pytest.raises(PermissionRefused):
        erase(traces.contact, actor=request.getfixturevalue(who))
    assert nothing_happened(traces)


def test_the_name_must_be_typed_and_the_preview_current(traces, erase):
    with pytest.raises(NameNotConfirmed):
        erase(traces.contact, confirmation="Ottilie")
    with pytest.raises(PlacesChanged):
        erase(traces.contact, seen="something else")
    assert nothing_happened(traces)
    erase(traces.contact, seen=shown(places_of(person_of(traces.contact))))


def test_an_erasure_happens_once(traces, erase, operations):
    erase(traces.contact)
    with pytest.raises(ContactErased):
        erase(Contact.objects.get(pk=traces.contact.pk))
    with pytest.raises(NotVisible):
        services.record_request(operations, 999999, kind="copy", asked=ASKED, at=AT)
    assert PersonalDataRequest.objects.count() == 1


def nothing_happened(traces):
    """Whether everything is as before."""
    contact = Contact.objects.get(pk=traces.contact.pk)
    untouched = (contact.name, contact.erased_at, contact.version) == (NAME, None, traces.contact.version)
    return untouched and not PersonalDataRequest.objects.exists() and "people_auditentry.after" in holding([NAME])
