"""The permission matrix: every address x every role and nobody x own, team's and foreign record.

The addresses come from the URL configuration, the expectations from `tests/permission_table.py`. Drawing pages is left
out, for it costs time and decides nothing; what a page reads before it is drawn is not.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from tests.permission_rules import FOREIGN, OWN, SIGHT, TEAM, WHOSE, Rule
from tests.permission_table import ADDRESSES_WITHOUT_A_PAGE, OPERATIONS_OF_THE_API, PAGES

from loudou.catalog.models import Product, ProductLine
from loudou.contracts.models import (
    Allocation,
    ClauseTemplate,
    ContractFile,
    DiscountRequest,
    NumberSeries,
    PlanTemplate,
)
from loudou.contracts.services import bank_statements, deliveries, drafting, invoices, receipts, refunds
from loudou.contracts.services.drafts import ActDraft, ContractDraft, DeliveryDraft, LineDraft, SignedPast
from loudou.contracts.services.ledger_drafts import BankRow, InvoiceDraft, ReceiptDraft, RefundDraft
from loudou.core.models import ExchangeRate
from loudou.core.rates import company
from loudou.customers.models import Contact, Customer, CustomerFile, Post, Segment, SupplyRelease
from loudou.exchange.models import AccountFormat, ImportJob, ImportRow
from loudou.exchange.services import statement_files
from loudou.handover.models import Handover, HandoverLetter, HandoverPlan
from loudou.people.choices import Role
from loudou.people.models import ApiToken, Membership, Notification, SavedView, User
from loudou.pipeline import defaults
from loudou.pipeline.choices import ChangeKind, State
from loudou.pipeline.models import Competitor, LossReason, Opportunity, SalesProcess, Stage, StageChange, StageCriterion
from loudou.playbook.services import cards, feedback, lists, questions, reading
from loudou.playbook.services.cards import CardDraft
from loudou.playbook.services.lists import ListDraft
from loudou.playbook.services.questions import ChoiceDraft, QuestionDraft

ANONYMOUS = "anonymous"
ACTORS = (ANONYMOUS, *Role.values)
NOT_LET_IN = (401, 403, 404)
API = "api-v1"


def addresses(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every named address of the site, with the view behind it."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from addresses(entry, entry.namespace or namespace)
        else:
            yield f"{namespace}:{entry.name or ''}".strip(":"), entry


ADDRESSES = dict(addresses(get_resolver()))
RULES = {**PAGES, **{f"{API}:{name}": rule for name, rule in OPERATIONS_OF_THE_API.items()}}


@dataclass
class World:
    """Everybody's sign-in, three of every kind of record, and one of everything that belongs to nobody."""

    browser: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    cookies: dict[str, str] = field(default_factory=dict)
    records: dict[str, dict[str, int]] = field(default_factory=dict)
    others: dict[str, Any] = field(default_factory=dict)

    def fill(self, value: Any) -> Any:
        """Replace '@name' by the number of that record, inside too."""
        if isinstance(value, dict):
            return {name: self.fill(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self.fill(part) for part in value]
        return self.others[value] if isinstance(value, str) and value.startswith("@") else value


@pytest.fixture
def world(
    make_user: Any,
    home_team: Any,
    owner: User,
    colleague: User,
    stranger: User,
    manager: User,
    now: Any,
    tmp_path: Any,
    monkeypatch: Any,
) -> World:
    """Build it."""
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path)
    world = World()
    company()  # the first request would make it, again and again
    people = {Role.REP: owner, Role.MANAGER: manager}
    people |= {role: make_user(role.value, role) for role in Role if role not in people}
    instant = dt.datetime.now(dt.UTC).isoformat()
    for role, user in people.items():
        client = Client()
        client.force_login(user)
        session = client.session
        session["confirmed_at"] = instant
        session.save()
        world.cookies[role.value] = client.cookies[settings.SESSION_COOKIE_NAME].value
    world.cookies[ANONYMOUS] = ""
    defaults.install(SalesProcess, Stage, StageCriterion, LossReason)  # a test with real transactions wipes them away
    process = SalesProcess.objects.filter(stages__criteria__isnull=False).first()
    stage = Stage.objects.filter(process=process, criteria__isnull=False).order_by("position").first()
    known = _cards_of(people[Role.OPERATIONS], now)
    for whose, user in {OWN: owner, TEAM: colleague, FOREIGN: stranger}.items():
        found = (
            _records_of(user, stage, now)
            | _attempt_of(user, known, now)
            | _contracts_of(user, people[Role.ADMINISTRATOR], now)
        )
        for kind, pk in found.items():
            world.records.setdefault(kind, {})[whose] = pk
    line = ProductLine.objects.create(name="Pumps")
    world.others = {
        "@user": colleague.pk,
        "@team": home_team.pk,
        "@membership": Membership.objects.get(user=colleague).pk,
        "@rate": ExchangeRate.objects.create(currency="USD", on=dt.date(2026, 1, 1), rate="7.1").pk,
        "@process": process.pk,
        "@stage": stage.pk,
        "@criterion": stage.criteria.first().pk,
        "@competitor": Competitor.objects.create(name="Rival").pk,
        "@loss_reason": LossReason.objects.first().pk,
        "@line": line.pk,
        "@product": Product.objects.create(name="P-1", line=line).pk,
        **known,
        "@customer": world.records["customer"][OWN],
        "@contract": world.records["contract"][OWN],
        "@plan_template": PlanTemplate.objects.first().pk,
        "@import": _import_of(people[Role.OPERATIONS]),
        "@receipt": world.records["receipt"][OWN],
        "@refund": world.records["refund"][OWN],
        "@allocation": Allocation.objects.filter(receipt=world.records["receipt"][OWN]).first().pk,
        "@bank_line": _bank_line_of(people[Role.FINANCE], now),
        "@bank_file": _bank_file_of(people[Role.FINANCE]),
        "@bank_format": _bank_format_of(people[Role.FINANCE], now),
        "@clause_template": ClauseTemplate.objects.filter(contract_kind="goods").first().pk,
        "@number_series": NumberSeries.objects.first().pk,
    }
    return world


def _cards_of(user: User, now: dt.datetime) -> dict[str, int]:
    """A card that is published, a correction that somebody suggests, a list to read it on, a question about it."""
    card = cards.create_card(user, draft=CardDraft(kind="fact", title="Seals", body="They last."))
    cards.publish_card(user, card.pk, today=now.date())
    row = lists.create_list(user, draft=ListDraft(name="First weeks"), today=now.date())
    choices = (ChoiceDraft(text="Yes", is_right=True), ChoiceDraft(text="No"))
    asked = QuestionDraft(kind="single", text="Do they last?", choices=choices)
    return {
        "@card": card.pk,
        "@suggestion": feedback.suggest_correction(user, card.pk, text="Longer", at=now).pk,
        "@reading_list": row.pk,
        "@reading_item": lists.add_to_list(user, row.pk, card_id=card.pk).pk,
        "@question": questions.write_question(user, card_id=card.pk, draft=asked).pk,
    }


def _attempt_of(user: User, known: dict[str, int], now: dt.datetime) -> dict[str, int]:
    """A quiz that somebody has handed in."""
    reading.mark_read(user, known["@card"], at=now)
    attempt = reading.start_attempt(user, known["@reading_list"], at=now)
    reading.finish_attempt(user, attempt.pk, answers={1: attempt.asked.get().choice_ids[:1]}, at=now)
    return {"attempt": attempt.pk, "own_attempt": attempt.pk}


def _import_of(user: User) -> int:
    """An import whose file is there and read."""
    job = ImportJob(kind="customers", created_by=user, file_name="customers.csv", file_size=10, encoding="utf-8")
    job.delimiter = ","
    job.headers = ["name"]
    job.file.save("customers.csv", ContentFile(b"name\nAcme\n"))
    ImportRow.objects.create(job=job, number=1, cells=["Acme"])
    return job.pk


def _records_of(user: User, stage: Stage, now: dt.datetime) -> dict[str, int]:
    """One record of every owned kind."""
    customer = Customer.objects.create(name=f"{user} Ltd", owner=user)
    contact = Contact.objects.create(name=f"Buyer of {user}", owner=user)
    opportunity = Opportunity.objects.create(
        subject=f"Sale of {user}", customer=customer, process=stage.process, stage=stage, owner=user,
        opened_on=now.date(), stage_entered_at=now,
    )  # fmt: skip
    StageChange.objects.create(
        opportunity=opportunity, kind=ChangeKind.CREATED, to_stage=stage, to_state=State.OPEN, currency="CNY", at=now
    )
    file = CustomerFile(customer=customer, name="offer.txt", size=5, uploaded_by=user)
    file.content.save("offer.txt", ContentFile(b"offer"))
    token = ApiToken.objects.create(
        user=user, name="x", prefix="ldu_x", digest=str(user.pk), expires_at=dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
    )
    handover = Handover.objects.create(leaver=user, last_day=now.date(), at=now)
    letter = HandoverLetter.objects.create(
        handover=handover, contact=contact, successor=user, address="a@example.com", language="en", subject="Hello"
    )
    return {
        "customer": customer.pk,
        "import": _import_of(user),
        "contact": contact.pk,
        "post": Post.objects.create(contact=contact, customer=customer).pk,
        "opportunity": opportunity.pk,
        "file": file.pk,
        "segment": Segment.objects.create(name=f"Segment of {user}", rule={"kind": ["dealer"]}).pk,
        "release": SupplyRelease.objects.create(
            customer=customer, reason="Friday", until_on=now.date(), requested_at=now
        ).pk,
        "token": token.pk,
        "person": user.pk,
        "plan": HandoverPlan.objects.create(leaver=user, last_day=now.date()).pk,
        "handover": handover.pk,
        "letter": letter.pk,
        "notification": Notification.objects.create(
            recipient=user, code="customers_given", facts={"count": 2}, at=now
        ).pk,
        "saved_view": SavedView.objects.create(owner=user, page="pipeline:list", name="Mine").pk,
    }


def _bank_line_of(user: User, now: dt.datetime) -> int:
    """A movement that waits to be matched."""
    row = BankRow(now.date(), Decimal(5), payer="Somebody")
    found = bank_statements.read_in_statement(user, account="ours", name="june.csv", currency="CNY", rows=[row], at=now)
    return found.statement.lines.get().pk


def _bank_file_of(user: User) -> int:
    """A bank's file that waits to be read in."""
    content = ContentFile(b"Date,Amount\n2026-06-12,5\n")
    found = statement_files.begin_statement_file(user, content=content, name="june.csv", account="ours", limit_mb=1)
    return found.pk


def _bank_format_of(user: User, now: dt.datetime) -> int:
    """What is remembered of an account whose file was read in."""
    content = ContentFile(b"Date,Amount\n2026-06-12,5\n")
    found = statement_files.begin_statement_file(user, content=content, name="may.csv", account="theirs", limit_mb=1)
    statement_files.read_in_file(user, found.pk, leaving_out=0, at=now)
    return AccountFormat.objects.get().pk


def _contracts_of(user: User, administrator: User, now: dt.datetime) -> dict[str, int]:
    """A draft with a document and a discount that was asked for, and a delivery of a contract that was signed."""
    customer = Customer.objects.create(name=f"Works of {user}", owner=user)
    today = now.date()
    line = LineDraft(Decimal(2), Decimal(100), description="Pump", discount_rate=Decimal("0.5"))
    drafts = [
        ContractDraft(title=f"{number} of {user}", customer_id=customer.pk, owner_id=user.pk, lines=[line], past=past)
        for number, past in enumerate([None, SignedPast(signed=ActDraft(today))])
    ]
    draft, signed = (drafting.draft_contract(administrator, draft=each, at=now) for each in drafts)
    file = ContractFile(contract=draft, name="offer.txt", size=5, uploaded_by=user)
    file.content.save("offer.txt", ContentFile(b"offer"))
    delivery = deliveries.post_delivery(administrator, signed.pk, draft=DeliveryDraft(on=today), at=now)
    request = DiscountRequest.objects.create(
        contract=draft, version=draft.versions.get(), discount="0.5", policy="0.2", reason="Volume", requested_by=user,
        requested_at=now,
    )  # fmt: skip
    receipt = receipts.post_receipt(
        administrator, ReceiptDraft(customer.pk, Decimal(10), today, contract_id=signed.pk), at=now
    )
    invoice = invoices.issue_invoice(administrator, InvoiceDraft(signed.pk, today), at=now)
    entry = Allocation.objects.filter(receipt=receipt).earliest("pk")
    refund = refunds.refund_receipt(administrator, RefundDraft(receipt.pk, Decimal(1), today, "Too much"), at=now)
    return {
        "allocation": entry.pk, "instalment": entry.instalment_id, "refund": refund.pk,
        "receipt": receipt.pk, "invoice": invoice.pk,
        "contract": draft.pk, "contract_file": file.pk, "delivery": delivery.pk, "discount_request": request.pk,
    }  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One request, and what it should answer."""

    name: str
    actor: str
    method: str
    whose: str
    rule: Rule

    def expected(self) -> str:
        """Say which door the request should meet."""
        if self.actor == ANONYMOUS and not self.rule.is_public:
            return "sign in"
        if self.rule.is_public:
            return "passes"
        if self.rule.record != "nothing" and self.actor not in self.rule.may:
            return "403"
        if self.rule.record and self.whose not in SIGHT.get(self.rule.record, {}).get(self.actor, ()):
            return "404"
        return "passes"

    def met(self, response: Any) -> str:
        """Say which door the request met."""
        status = response.status_code
        if status == 401 or (status == 302 and response.headers["Location"].startswith("/sign-in/?next=")):
            return "sign in"
        if self.rule.is_public and status == self.rule.answers:
            return "passes"  # an address that is switched off says so to everybody
        if status in (403, 404):
            return str(status)
        if status >= 500 or status == 405:
            return f"error {status}"
        if self.method == "GET" and status != self.rule.answers and not self.rule.is_public:
            return f"unexpected {status}"
        return "passes" if status not in NOT_LET_IN else str(status)


def cases() -> Iterator[Case]:
    """All requests of the matrix."""
    for name, rule in ((name, rule) for name, rule in RULES.items() if name.partition("?")[0] in ADDRESSES):
        for method in rule.methods.split():
            for actor in ACTORS:
                # Whoever does not pass the door at all is not asked three times.
                records = WHOSE if actor in rule.may else WHOSE[:1]
                for whose in records if rule.record in SIGHT else ("",):
                    yield Case(name, actor, method, whose, rule)


def ask(world: World, case: Case) -> Any:
    """Send the request and take back whatever it did."""
    route = case.name.partition("?")[0]
    wanted = ADDRESSES[route].pattern.converters
    args = {name: world.fill(value) for name, value in case.rule.args.items()}
    if case.rule.record in SIGHT:
        free = [name for name in wanted if name not in args]
        args[free[0]] = world.records[case.rule.record][case.whose]
    query = case.name.partition("?")[2] or case.rule.query
    address = reverse(route, kwargs=args) + (f"?{query}" if query else "")
    facts: dict[str, Any] = {}
    if route.startswith(f"{API}:") and case.method != "GET":
        facts = {"data": json.dumps(world.fill(dict(case.rule.body or {}))), "content_type": "application/json"}
    world.browser.cookies.clear()  # as if new each time: signing out spoils nobody's
    world.browser.cookies[settings.SESSION_COOKIE_NAME] = world.cookies[case.actor]
    response = world.browser.generic(case.method, address, **facts)
    for close in response._resource_closers:  # files that were sent; close() itself would end the connection too
        close()
    return response


def last_entry() -> int | None:
    """Number of the last audit entry: the triggers write one for any change of a business row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM people_auditentry")
        return cursor.fetchone()[0]


def test_every_address_has_an_expectation_and_the_other_way_round():
    known = {name.partition("?")[0] for name in RULES}
    assert set(ADDRESSES) - known - ADDRESSES_WITHOUT_A_PAGE == set()
    assert known - set(ADDRESSES) == set()


def test_the_table_names_every_method_of_every_page():
    wrong = {}
    for name, rule in ((name, rule) for name, rule in PAGES.items() if name.partition("?")[0] in ADDRESSES):
        view = getattr(ADDRESSES[name.partition("?")[0]].callback, "view_class", None)
        if view is None:
            assert name == "api-docs"  # drawn by a plain function, for GET alone
            continue
        offered = {m.upper() for m in view.http_method_names if hasattr(view, m)} - {"OPTIONS", "HEAD"}
        # A list's file is its GET in another dress, whatever else the list can do.
        if "?" not in name and offered - {"GET"} != set(rule.methods.split()) - {"GET"}:
            wrong[name] = (sorted(offered), rule.methods)
    assert wrong == {}


def test_public_addresses_are_the_known_few():
    assert {name for name, rule in RULES.items() if rule.is_public} == {
        "people:sign_in",
        "people:second_factor",
        "people:provider_begin",
        "people:provider_back",
        "people:forgotten_password",
        "people:password_by_link",
        "people:sign_out",
        "frame:taste",
    }


@pytest.mark.django_db
def test_every_role_meets_the_door_it_should(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "loudou.web.frame.pages.render", lambda *_args, status=200, **_facts: HttpResponse(status=status)
    )
    monkeypatch.setattr("logging.Logger.handle", lambda *_record: None)  # thousands of refusals, as it should be
    wrong, before = [], last_entry()
    for case in cases():
        with transaction.atomic():
            met = case.met(ask(world, case))
            changed = last_entry() != before
            transaction.set_rollback(True)
        expected = case.expected()
        if met != expected or (expected != "passes" and changed):
            wrong.append((case.name, case.method, case.actor, case.whose, f"expected {expected}, met {met}", changed))
    assert wrong == [], f"{len(wrong)} doors:\n" + "\n".join(map(str, wrong))
