"""Two who erase at once, and a door that is shut when the erasure is over."""

import pytest
from django.db import DatabaseError, connection, transaction
from tests.threads import at_once

from loudou.core.blackening import MARK
from loudou.customers import services as customers
from loudou.customers.services import ContactDraft
from loudou.people.choices import Role
from loudou.people.models import AuditEntry
from loudou.privacy import services
from loudou.privacy.models import PersonalDataRequest

from .conftest import ASKED, AT

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_erase_at_once_and_history_is_shut_afterwards(make_user):
    olga, adam = make_user("olga", Role.OPERATIONS), make_user("adam", Role.ADMINISTRATOR)
    contact = customers.create_contact(olga, ContactDraft(name="Ottilie", wechat="ottinadel77"))

    def erase(actor):
        return services.erase_contact(actor, contact.pk, confirmation="Ottilie", asked=ASKED, at=AT).pk

    answers = at_once(lambda: erase(olga), lambda: erase(adam))
    assert "contact_erased" in answers
    assert PersonalDataRequest.objects.count() == 1
    event = AuditEntry.objects.get(table_name="personal_data_erased")
    entry = AuditEntry.objects.filter(table_name="people_user").first()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('loudou.erasure', %s, true)", [str(event.pk)])
        AuditEntry.objects.filter(pk=entry.pk).update(after=dict.fromkeys(entry.after, MARK))
