"""The entry: fill an empty database with the demo company."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, models, transaction

from loudou.catalog.models import Product, ProductLine
from loudou.core import audit
from loudou.core.actors import SYSTEM
from loudou.core.models import Company, ExchangeRate
from loudou.core.rates import RateTable
from loudou.customers.models import Contact, Customer, CustomerMember, OwnerChange, Post, Segment
from loudou.demo import calendar, cash, desk, evidence, handovers, playbook, reading, scale_loading, truth
from loudou.demo.bulk import continue_sequences, copy_rows
from loudou.demo.errors import DatabaseNotEmpty
from loudou.demo.ledger import Ledger
from loudou.demo.market import Market, build_market
from loudou.demo.models import DemoTruth
from loudou.demo.sale import ProcessInfo, StageInfo
from loudou.demo.sign_ins import PASSWORD
from loudou.demo.simulation import Story, simulate
from loudou.demo.staff import Staff, build_staff
from loudou.demo.words import Locale, Teller, people
from loudou.insights.services.learning import learn_from_history
from loudou.people.models import Membership, Team, User
from loudou.pipeline import defaults
from loudou.pipeline.models import (
    Competitor,
    CriterionCheck,
    LossReason,
    Opportunity,
    OpportunityContact,
    OpportunityLine,
    OpportunityMember,
    SalesProcess,
    Stage,
    StageChange,
    StageCriterion,
    Star,
)

DEFAULT_SEED = 20240601
YEARS = 3
_MUST_BE_EMPTY: tuple[type[models.Model], ...] = (User, Team, Customer, Contact, Product, Opportunity)
_COUNTED: tuple[type[models.Model], ...] = (User, Team, Product, Customer, Contact, Opportunity, *cash.COUNTED)


@dataclass(frozen=True, slots=True)
class Built:
    """What was made, for the line that the command prints: how many of each noun, and the seconds it took."""

    counts: dict[str, int]
    seconds: float


def build(*, locale: Locale, seed: int = DEFAULT_SEED, today: dt.date, scale: int | None = None) -> Built:
    """Simulate three years that end at `today` and load them; with `scale`, about that many opportunities.

    The same arguments give the same rows. With `scale` only the people and the catalog are simulated, and customers,
    opportunities and history are made by the database in the shape of a large company (see `scale_loading`).
    Raises DatabaseNotEmpty.
    """
    began = time.monotonic()
    if scale is not None:
        scale_loading.check_size(scale)
    with audit.source("command", reason="loudou demo"), transaction.atomic():
        refuse_unless_empty()
        audit.bind(SYSTEM)
        company = DemoCompany(locale, seed, today)
        counts = Counter(company.people_and_catalog())
        if scale is None:
            counts.update(company.three_years())
        else:
            counts.update(scale_loading.load(scale, seed=seed, today=today, locale=locale, staff=company.staff))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with audit.source("command", reason="loudou demo"):
        learn_from_history(SYSTEM, at=dt.datetime.combine(today, dt.time.max, tzinfo=dt.UTC))
    made = [model for model in _COUNTED if model._meta.db_table in counts]
    nouns = {str(model._meta.verbose_name_plural): counts[model._meta.db_table] for model in made}
    return Built(nouns, time.monotonic() - began)


def refuse_unless_empty() -> None:
    """Leave real records alone. Raises DatabaseNotEmpty."""
    found = [str(model._meta.verbose_name_plural) for model in _MUST_BE_EMPTY if model._default_manager.exists()]
    if found:
        raise DatabaseNotEmpty(found=", ".join(found))


class DemoCompany:
    """One demo company: simulated when made, written parents before children."""

    def __init__(self, locale: Locale, seed: int, today: dt.date) -> None:
        self.seed, self.today = seed, today
        self.tell = Teller(locale)
        self.start = today.replace(year=today.year - YEARS, day=min(today.day, 28))
        self.staff: Staff = build_staff(
            self._random("staff"), self.tell, start=self.start, today=today, password=make_password(PASSWORD)
        )
        self.market: Market = build_market(self._random("market"), self.tell, self.staff, start=self.start, today=today)

    def _random(self, name: str) -> Random:
        """One stream of chance for each part, so that a change in one leaves the others alone."""
        return Random(f"{self.seed} {name}")

    def people_and_catalog(self) -> dict[str, int]:
        """Write the company, its people, products, competitors and rates."""
        Company.objects.update_or_create(
            pk=1,
            defaults={
                "name": self.tell(people.COMPANY), "base_currency": "CNY", "time_zone": "Asia/Shanghai",
                "is_demo": True, **{name: self.tell(pair) for name, pair in people.PARTICULARS.items()},
            },
        )  # fmt: skip
        defaults.install(SalesProcess, Stage, StageCriterion, LossReason)
        direct, _project = installed_processes()
        return _write(
            (User, self.staff.users),
            (Team, self.staff.teams),
            (Membership, self.staff.memberships),
            (ProductLine, self.market.lines),
            (Product, self.market.products),
            (Competitor, self.market.competitors),
            (ExchangeRate, self.market.rates),
            *playbook.cards(
                self._random("playbook"), self.tell, self.staff, self.market, direct.stages, today=self.today
            ),
            *reading.reading_list(self._random("reading"), self.staff, today=self.today),
        )

    def story(self) -> Story:
        """Simulate three years; needs the processes and loss reasons in the database, and may be called once."""
        return simulate(
            self._random("sales"), self.tell, self.staff, self.market, processes=installed_processes(),
            loss_reason_ids=list(LossReason.objects.order_by("position").values_list("pk", flat=True)),
            start=self.start, today=self.today,
        )  # fmt: skip

    def three_years(self) -> dict[str, int]:
        """Simulate, and write customers, opportunities, history, contracts with their money, and the truth."""
        story = self.story()
        processes = installed_processes()
        entries = Ledger(RateTable.load(), today=self.today).write(story.sales)
        position = {stage.id: number for process in processes for number, stage in enumerate(process.stages)}
        stars = desk.lay_out(self._random("desk"), self.tell, self.staff, entries, position, today=self.today)
        evidence.confirm_budgets(entries.opportunities, entries.changes)
        evidence.estimate_contributions(self.market.customers)
        known = truth.facts(self.staff, story.sales, processes, seed=self.seed, start=self.start, today=self.today)
        start = dt.datetime.combine(self.start, dt.time(), tzinfo=calendar.TIME_ZONE)
        written = {
            **self.customers(story),
            **_write(
                (Segment, evidence.segments(self.tell, at=start)),
                (Opportunity, entries.opportunities),
                (StageChange, entries.changes),
                (OpportunityLine, entries.lines),
                (OpportunityMember, entries.members),
                (OpportunityContact, entries.contacts),
                (Opportunity.competitors.through, entries.competitors),
                (CriterionCheck, entries.checks),
                (Star, stars),
                (DemoTruth, known),
            ),
        }
        money, habits = cash.play(
            self._random("cash"), self.tell, project_process_id=processes[1].id, start=self.start, today=self.today
        )
        written |= money
        written |= _write((DemoTruth, truth.payers(habits, first_id=len(known) + 1)))
        handovers.tell_of_leavers(self.tell, self.staff)
        handovers.prepare_one(self.tell, self.staff, today=self.today)
        evidence.tell_all(at=dt.datetime.combine(self.today, dt.time(), tzinfo=calendar.TIME_ZONE))
        return written

    def customers(self, story: Story) -> dict[str, int]:
        """Write customers with their people, as they are after the story."""
        owner_changes = sorted(self.market.owner_changes, key=lambda row: (row["at"], row["customer_id"]))
        owners = {row["id"]: row["owner_id"] for row in self.market.customers}
        seers = sorted(pair for pair in story.customer_members if owners[pair[0]] != pair[1])
        return _write(
            (Customer, self.market.customers),
            (OwnerChange, _numbered(owner_changes)),
            (CustomerMember, _numbered([{"customer_id": customer, "user_id": user} for customer, user in seers])),
            (Contact, self.market.contacts),
            (Post, self.market.posts),
        )


def installed_processes() -> tuple[ProcessInfo, ProcessInfo]:
    """Read the two processes that the laws of the world are written for."""
    found = []
    for process in SalesProcess.objects.order_by("position", "pk").prefetch_related("stages__criteria")[:2]:
        stages = tuple(
            StageInfo(stage.pk, stage.name, stage.prior_win_rate, tuple(c.pk for c in stage.criteria.all()))
            for stage in sorted(process.stages.all(), key=lambda stage: stage.position)
        )
        found.append(ProcessInfo(process.pk, process.name, stages))
    direct, project = found
    return direct, project


def _numbered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row | {"id": number} for number, row in enumerate(rows, start=1)]


def _write(*tables: tuple[type[models.Model], list[dict[str, Any]]]) -> dict[str, int]:
    counts = {model._meta.db_table: copy_rows(model, rows) for model, rows in tables}
    continue_sequences(*counts)
    return counts
