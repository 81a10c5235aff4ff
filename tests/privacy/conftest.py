"""A person who leaves traces everywhere, and a look into every corner of the database."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from tests.contracts.conftest import (  # noqa: F401 - fixtures
    TODAY,
    at,
    drafted,
    offered,
    on,
    product,
    two_lines,
)
from tests.exchange.conftest import load, media, write  # noqa: F401 - fixtures
from tests.pipeline.conftest import process  # noqa: F401 - fixture

from loudou.contracts.choices import Party
from loudou.contracts.models import Contract
from loudou.contracts.services import life
from loudou.contracts.services.drafts import ActDraft
from loudou.core import checks
from loudou.customers import services as customers
from loudou.customers.choices import NeedSource
from loudou.customers.models import Contact, Customer
from loudou.exchange.models import ImportJob
from loudou.people.choices import EventCode
from loudou.people.models import SavedView, User
from loudou.people.services.events import record_event
from loudou.pipeline.models import Opportunity
from loudou.pipeline.services import opportunities
from loudou.pipeline.services.drafts import OpportunityDraft
from loudou.privacy import services
from loudou.privacy.choices import Ground, Way
from loudou.privacy.services.requests import Asked

NAME, FORMER = "Ottilie Nadelöhr", "Ottilie Vormals"
PHONE, PHONE_AS_SPOKEN = "13912340987", "139 1234 0987"
MAIL, WECHAT, EXTERNAL = "ottilie@nadeloehr.example", "ottinadel77", "EXT-NADEL-9"
SALUTATION, NOTE, TITLE, DEPARTMENT = "Dr. Salutnadel", "plays nadelgolf on Sundays", "Chefnadlerin", "Nadelwerk"
NEEDLES = (NAME, FORMER, PHONE, PHONE_AS_SPOKEN, MAIL, WECHAT, EXTERNAL, SALUTATION, NOTE, TITLE, DEPARTMENT)

AT = dt.datetime(2026, 6, 15, 8, 0, tzinfo=dt.UTC)
ASKED = Asked(on=dt.date(2026, 6, 10), way=Way.LETTER, ground=Ground.REQUEST)


@dataclass
class Traces:
    """The contact, and the records that name it."""

    contact: Contact
    customer: Customer
    job: ImportJob
    sale: Opportunity
    contract: Contract


@pytest.fixture
def customer(owner: User) -> Customer:
    """A customer of the owner, where the person works."""
    draft = customers.CustomerDraft(name="Hengda Steel", city="Wuhan", address="1 Steel Road")
    return customers.create_customer(owner, draft, at=AT)


@pytest.fixture
def traces(
    load: Callable[..., ImportJob],  # noqa: F811
    process: Any,  # noqa: F811
    customer: Customer,
    offered: Callable[..., Contract],  # noqa: F811
    owner: User,
    finance: User,
    operations: User,
    api: Any,
) -> Traces:
    """Import a person, change it, name it in sales, contracts, notes, files, lists and requests."""
    heads = "name,salutation,phones,emails,wechat,notes,id,customer,title,department"
    cells = f"{FORMER},{SALUTATION},{PHONE},{MAIL},{WECHAT},{NOTE},{EXTERNAL},{customer.name},{TITLE},{DEPARTMENT}"
    refused = f"{FORMER},{SALUTATION},1,no mail {MAIL} yet,,{NOTE},,{customer.name},,"
    columns = {"id": "external_id"} | {name: name for name in heads.split(",") if name != "id"}
    job = load("contacts", f"{heads}\n{cells}\n{refused}\n", columns=columns)
    contact = Contact.objects.get(external_id=EXTERNAL)
    customers.update_contact(operations, contact.pk, changes={"name": NAME, "owner_id": owner.pk}, at=AT)
    contact.refresh_from_db()
    customers.update_customer(
        operations, customer.pk, changes={"notes": f"{NAME} decides. Call {PHONE_AS_SPOKEN}.", "emails": (MAIL,)}, at=AT
    )
    draft = OpportunityDraft(
        subject=f"Presses for {NAME}",
        customer_id=customer.pk,
        contact_ids=(contact.pk,),
        notes=f"Ask {FORMER}, {WECHAT}",
    )
    sale = opportunities.create_opportunity(owner, draft=draft, at=AT)
    opportunities.update_opportunity(owner, sale.pk, changes={"next_step": f"write to {MAIL}"}, at=AT)
    customers.verify_need(
        owner, customer.pk, how=NeedSource.values[0], evidence=f"{NAME} said so", on=TODAY, at=AT, contact_id=contact.pk
    )
    paper = ActDraft(TODAY, party=Party.CUSTOMER, contact_id=contact.pk, person=NAME)
    contract = life.sign_contract(finance, offered(contact_id=contact.pk).pk, act=paper, at=AT)
    SavedView.objects.create(
        owner=owner, page="customers:contact_list", name="Needles", query="q=Ottilie%20Nadel%C3%B6hr"
    )
    record_event(owner, EventCode.EXPORTED, at=AT, details={"list": "contacts", "filters": f"Search: {NAME}"})
    customers.attach_file(owner, customer.pk, name=f"{NAME}.txt", content=ContentFile(NOTE.encode()), limit_mb=1)
    elsewhere = customers.create_customer(owner, customers.CustomerDraft(name="Next Steel"), at=AT)
    move = {"post": {"customer_id": elsewhere.pk, "title": TITLE}, "moved_on": "2026-06-01"}
    moved = api.as_(owner).post(f"/api/v1/contacts/{contact.pk}/move", move, headers={"Idempotency-Key": "k1"})
    assert moved.status_code == 200
    contact.refresh_from_db()
    return Traces(contact, customer, job, sale, contract)


@pytest.fixture
def erase(operations: User) -> Callable[..., Any]:
    """Erase a contact: `erase(contact)`."""

    def run(contact: Contact, *, actor: Any = None, **facts: Any) -> Any:
        given = {"confirmation": contact.name, "asked": ASKED, "at": AT} | facts
        return services.erase_contact(actor or operations, contact.pk, **given)

    return run


@pytest.fixture
def findings() -> Callable[[], list[str]]:
    """Everything that `loudou check` finds."""

    def run() -> list[str]:
        checks.load()
        return [f"{check.name}: {one.record} {one.problem}" for check, found in checks.run() for one in found]

    return run


def holding(needles: Iterable[str]) -> dict[str, set[str]]:
    """Tables and columns of the whole database whose rows hold a needle, each with the needles it holds."""
    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables"
            " USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        for table, column in cursor.fetchall():
            for needle in needles:
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" WHERE lower("{column}"::text) LIKE %s', [f"%{needle.lower()}%"]
                )
                if cursor.fetchone()[0]:
                    found.setdefault(f"{table}.{column}", set()).add(needle)
    return found


def files_holding(folder: Path, needles: Iterable[str]) -> list[str]:
    """Names of the stored files whose bytes hold a needle, packed ones unpacked."""
    wanted = [needle.encode() for needle in needles]
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
            if any(needle in content for needle in wanted):
                found.append(path.name)
    return found
