"""Personal data of contacts among customers: the contacts themselves, and what is noted about their customers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import partial

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from loudou.core.personal_data import Person, Place, Treatment, declare, keep
from loudou.customers.models import CustomerFile

NAME_OF_A_CUSTOMER = _("The name of a customer, which its contracts and the ledger bear.")
AT_CUSTOMER = ("customer__posts__contact",)

declare(
    "customers.contact",
    own=("name", "salutation", "phones", "emails", "wechat", "notes", "external_id"),
    derived=("search_text",),
)
declare("customers.post", own=("title", "department"))
declare("customers.forgottenidentity", plain=("digest", "key_mark"))
declare(
    "customers.customer",
    plain=(
        "credit_code", "registration_number", "industry", "revenue_currency", "country", "province", "city",
        "external_id", "credit_currency",
    ),
    searched=("phones", "emails", "address", "website", "source", "notes"),
    kept=("name", "short_name", "aliases"),
    derived=("name_key", "search_text"),
    because=NAME_OF_A_CUSTOMER,
    ties=("posts__contact",),
)  # fmt: skip
declare("customers.customermember")
declare("customers.customerrules", plain=("phase_names", "credit_currency"))
declare("customers.customerfile", searched=("name",), handled=("content",), ties=AT_CUSTOMER)
declare("customers.lineparty", kept=("party_name",), because=NAME_OF_A_CUSTOMER, ties=AT_CUSTOMER)
declare("customers.ownerchange", searched=("reason",), ties=AT_CUSTOMER)
declare("customers.phasechange")
declare(
    "customers.evidence",
    plain=("subject_model",),
    searched=("subject_label", "cause", "facts"),
    ties=("facts__contact_id", *AT_CUSTOMER),
)
declare("customers.standingevidence", plain=("subject_model",), searched=("subject_label",), ties=AT_CUSTOMER)
declare("customers.holdchange", searched=("reason",), ties=AT_CUSTOMER)
declare("customers.supplyrelease", plain=("currency",), searched=("reason", "decision_note"), ties=AT_CUSTOMER)
declare("customers.releaseuse", plain=("subject_model", "subject_label"))
declare("customers.segment", plain=("name",), searched=("description", "rule"))


def files_beside(person: Person) -> Iterator[Place]:
    """Files of the customers where the person has or had a post: what they hold only a reader can tell."""
    rows = CustomerFile.objects.filter(customer__posts__contact=person.contact_id).distinct()
    for row in rows.select_related("customer").order_by("pk"):
        text = f"{row.name} · {row.customer.name}"
        sure = bool(person.finds.search(row.name))
        yield Place("customers.customerfile", row.pk, "content", Treatment.HANDLED, text, sure)


def remove_files(person: Person, places: Sequence[Place], at: dt.datetime) -> None:
    """Remove the chosen files; their bytes go when the transaction commits."""
    for row in CustomerFile.objects.select_for_update().filter(pk__in=[place.pk for place in places]):
        storage, path = row.content.storage, str(row.content.name)
        row.delete()
        transaction.on_commit(partial(storage.delete, path))


keep("customers.customerfile", find=files_beside, erase=remove_files)
