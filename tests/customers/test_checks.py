"""What `loudou check` finds."""

import pgtrigger
import pytest

from loudou.core import checks
from loudou.customers import services
from loudou.customers.models import Customer
from loudou.customers.services import CustomerDraft

pytestmark = pytest.mark.django_db


def findings():
    checks.load()
    return {
        check.name: [finding.record for finding in found]
        for check, found in checks.run(["customers.owner", "customers.parents"])
    }


def test_what_services_write_agrees(owner, manager, colleague, now):
    customer = services.create_customer(owner, CustomerDraft(name="Acme"), at=now)
    services.assign_owner(manager, customer.pk, owner_id=colleague.pk, at=now)
    assert findings() == {"customers.owner": [], "customers.parents": []}


def test_what_was_written_behind_their_back_is_found(owner, colleague, now):
    first, second = (services.create_customer(owner, CustomerDraft(name=name), at=now) for name in "AB")
    with pgtrigger.ignore("customers.Customer:parents_stay_a_tree"):
        Customer.objects.filter(pk=first.pk).update(owner=colleague, parent=second)
        Customer.objects.filter(pk=second.pk).update(parent=first)
    names = [f"customers.customer {first.pk}", f"customers.customer {second.pk}"]
    assert findings() == {"customers.owner": names[:1], "customers.parents": names}
