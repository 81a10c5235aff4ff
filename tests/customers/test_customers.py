"""Creating and changing customers."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loudou.core.actors import SYSTEM
from loudou.core.bulk import RowUpdate
from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused, StaleWrite
from loudou.customers import services
from loudou.customers.choices import OwnerChangeCause
from loudou.customers.errors import OwnerNotAvailable, ParentCycle
from loudou.customers.models import Customer, OwnerChange
from loudou.customers.services import CustomerDraft
from loudou.people.models import AuditEntry

pytestmark = pytest.mark.django_db
TENCENT = "91440300708461136T"


def create(actor, now, **facts):
    return services.create_customer(actor, CustomerDraft(**({"name": "Acme"} | facts)), at=now)


def test_a_rep_owns_what_the_rep_creates_and_the_start_is_kept(owner, now):
    customer = create(owner, now, name="  上海申达   机械有限公司 ", phones=("021-5555 1234", "02155551234"))
    assert (customer.name, customer.owner, customer.phones) == ("上海申达 机械有限公司", owner, ["02155551234"])
    change = OwnerChange.objects.get()
    assert (change.from_owner, change.to_owner, change.actor) == (None, owner, owner)
    assert (change.cause, change.at) == (OwnerChangeCause.CREATED, now)


def test_the_audit_knows_who_created_it(owner, now):
    customer = create(owner, now)
    entry = AuditEntry.objects.get(table_name="customers_customer")
    assert (entry.actor, entry.object_id, entry.operation) == (owner, str(customer.pk), "insert")
    assert "search_text" not in entry.after and "name_key" not in entry.after


def test_a_rep_cannot_create_for_somebody_else_or_nobody(owner, colleague, now):
    for facts in ({"owner_id": colleague.pk}, {"unowned": True}):
        with pytest.raises(PermissionRefused):
            create(owner, now, **facts)
    assert not Customer.objects.exists() and not OwnerChange.objects.exists()


def test_operations_may_create_for_somebody_or_nobody(operations, owner, now):
    assert create(operations, now, owner_id=owner.pk).owner == owner
    assert create(operations, now, name="Pool Ltd", unowned=True).owner is None
    assert OwnerChange.objects.count() == 1


def test_a_leaver_cannot_become_owner(operations, owner, now):
    owner.is_active = False
    owner.save()
    with pytest.raises(OwnerNotAvailable):
        create(operations, now, owner_id=owner.pk)


def test_an_executive_cannot_create(executive, now):
    with pytest.raises(PermissionRefused):
        create(executive, now)
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": " "}, "name"),
        ({"credit_code": "91440300708461136A"}, "credit_code"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"emails": ("nobody",)}, "emails"),
        ({"kind": "friend"}, "kind"),
        ({"annual_revenue": Decimal(5)}, ""),
    ],
)
def test_what_breaks_a_rule_is_refused_at_its_field(owner, now, facts, field):
    with pytest.raises(InvalidInput) as refusal:
        create(owner, now, **facts)
    assert list(refusal.value.errors) == [field]
    assert not Customer.objects.exists()


def test_each_draft_has_its_own_outcome(owner, now):
    create(owner, now, name="Known", external_id="K1", credit_code=TENCENT)
    drafts = [
        CustomerDraft(name="Good one"),
        CustomerDraft(name="Twin", external_id="K1"),
        CustomerDraft(name=""),
        CustomerDraft(name="Same code", credit_code=TENCENT),
        CustomerDraft(name="First of two", external_id="N1"),
        CustomerDraft(name="Second of two", external_id="N1"),
        CustomerDraft(name="Good two"),
    ]
    outcomes = services.create_customers(owner, drafts, at=now, cause=OwnerChangeCause.IMPORTED)
    assert [o.row.name if o.row else list(o.refusal.errors) for o in outcomes] == [
        "Good one",
        ["external_id"],
        ["name"],
        ["credit_code"],
        "First of two",
        ["external_id"],
        "Good two",
    ]
    assert Customer.objects.count() == 4
    assert OwnerChange.objects.filter(cause=OwnerChangeCause.IMPORTED).count() == 3


def test_a_thousand_drafts_take_as_many_statements_as_ten(owner, now):
    def statements(count):
        drafts = [CustomerDraft(name=f"Company {count}-{n}", external_id=f"{count}-{n}") for n in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            services.create_customers(owner, drafts, at=now)
        return len(captured)

    assert statements(10) == statements(1000) == 9


def test_nobody_uses_a_parent_they_cannot_see(owner, stranger, now):
    hidden = create(stranger, now, name="Hidden group")
    with pytest.raises(NotVisible):
        create(owner, now, parent_id=hidden.pk)
    customer = create(owner, now)
    with pytest.raises(NotVisible):
        services.update_customer(owner, customer.pk, changes={"parent_id": hidden.pk}, at=now)
    customer.refresh_from_db()
    assert customer.parent is None and customer.version == 1


def test_changes_are_written_counted_and_audited(owner, now):
    customer = create(owner, now)
    later = now + dt.timedelta(days=1)
    changed = services.update_customer(
        owner, customer.pk, changes={"city": "苏州", "aliases": ["ACME", "ACME"]}, version=1, at=later
    )
    customer.refresh_from_db()
    assert (customer.city, customer.aliases, customer.version, customer.updated_at) == ("苏州", ["ACME"], 2, later)
    assert changed.version == 2
    entry = AuditEntry.objects.filter(operation="update").get()
    assert (entry.before["city"], entry.after["city"], entry.actor) == ("", "苏州", owner)


def test_a_change_that_changes_nothing_writes_nothing(owner, now):
    customer = create(owner, now, city="苏州")
    services.update_customer(owner, customer.pk, changes={"city": " 苏州 "}, at=now)
    customer.refresh_from_db()
    assert customer.version == 1
    assert not AuditEntry.objects.filter(operation="update").exists()


def test_a_stale_write_is_refused_with_the_present_row(owner, now):
    customer = create(owner, now)
    services.update_customer(owner, customer.pk, changes={"city": "苏州"}, version=1, at=now)
    with pytest.raises(StaleWrite) as refusal:
        services.update_customer(owner, customer.pk, changes={"city": "无锡"}, version=1, at=now)
    assert refusal.value.current.city == "苏州"
    customer.refresh_from_db()
    assert customer.city == "苏州"


def test_strangers_and_colleagues_cannot_change_it(owner, colleague, stranger, now):
    customer = create(owner, now)
    for actor in (colleague, stranger):
        with pytest.raises(NotVisible):
            services.update_customer(actor, customer.pk, changes={"city": "苏州"}, at=now)
    customer.refresh_from_db()
    assert customer.city == "" and customer.version == 1


def test_the_owner_is_not_a_field_to_change(owner, colleague, now):
    customer = create(owner, now)
    with pytest.raises(InvalidInput) as refusal:
        services.update_customer(owner, customer.pk, changes={"owner_id": colleague.pk}, at=now)
    assert list(refusal.value.errors) == ["owner_id"]


def test_a_taken_code_is_refused_and_the_others_are_changed(owner, now):
    create(owner, now, name="Holder", credit_code=TENCENT)
    first, second = create(owner, now, name="First"), create(owner, now, name="Second")
    outcomes = services.update_customers(
        owner,
        [RowUpdate(first.pk, {"credit_code": TENCENT}), RowUpdate(second.pk, {"city": "无锡"}), RowUpdate(0, {})],
        at=now,
    )
    assert list(outcomes[0].refusal.errors) == ["credit_code"]
    assert outcomes[1].row.city == "无锡"
    assert outcomes[2].refusal.code == "not_found"
    first.refresh_from_db()
    assert first.credit_code == "" and first.version == 1


def test_companies_cannot_stand_above_themselves(owner, now):
    top, middle, low = (create(owner, now, name=name) for name in ("Top", "Middle", "Low"))
    services.update_customer(owner, middle.pk, changes={"parent_id": top.pk}, at=now)
    services.update_customer(owner, low.pk, changes={"parent_id": middle.pk}, at=now)
    for customer, parent in ((top, low), (top, top), (middle, low)):
        with pytest.raises(ParentCycle):
            services.update_customer(owner, customer.pk, changes={"parent_id": parent.pk}, at=now)
    top.refresh_from_db()
    assert top.parent is None


def test_a_batch_cannot_close_a_circle_either(owner, now):
    left, right = create(owner, now, name="Left"), create(owner, now, name="Right")
    outcomes = services.update_customers(
        owner, [RowUpdate(left.pk, {"parent_id": right.pk}), RowUpdate(right.pk, {"parent_id": left.pk})], at=now
    )
    assert outcomes[0].row == left
    assert outcomes[1].refusal.code == "parent_cycle"


def test_the_machine_creates_what_nobody_owns(now):
    assert create(SYSTEM, now).owner is None
