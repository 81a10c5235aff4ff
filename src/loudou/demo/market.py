"""What the demo company sells, to whom, against whom: products, customers with their people, competitors, rates."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from loudou.customers.choices import ChannelPlace, CustomerKind, OwnerChangeCause, SizeBand
from loudou.demo import calendar, credit_codes
from loudou.demo.staff import Rep, Staff
from loudou.demo.words import Pair, Teller, abroad, goods, market, people

CUSTOMERS_PER_REP = 19
CUSTOMERS_OF_SIGN_IN = 34
GROUP_SHARE = 0.06
"""Share of the customers that belong to a group."""
ALREADY_THERE = 0.55
"""Share of the customers that were known before the first simulated day."""
MOVED_SHARE = 0.07
"""Share of the contacts who moved to another customer."""
_KINDS = (
    (CustomerKind.END_USER, 70),
    (CustomerKind.DEALER, 13),
    (CustomerKind.CONTRACTOR, 11),
    (CustomerKind.OWNER, 6),
)
_SIZES = (
    (SizeBand.MICRO, 4, (4, 9)), (SizeBand.SMALL, 20, (12, 49)), (SizeBand.MEDIUM, 38, (55, 240)),
    (SizeBand.LARGE, 26, (260, 980)), (SizeBand.HUGE, 12, (1050, 9000)),
)  # fmt: skip
GOODS_TAX, SERVICE_TAX = Decimal("0.13"), Decimal("0.06")
_FIRST_RATES = {"USD": 7.18, "EUR": 7.76}


@dataclass(slots=True)
class Client:
    """A customer as the simulation sees it."""

    id: int
    name: str
    short_name: str
    owner: Rep
    kind: CustomerKind
    industry: str
    scale: float
    """Factor on the size of its purchases."""
    city: str
    """Its English name."""
    country: str
    """Its English name."""
    currency: str
    since: dt.date
    contacts: list[int] = field(default_factory=list)
    won: int = 0


@dataclass(frozen=True, slots=True)
class Good:
    """A product on the price list, in yuan."""

    id: int
    line: int
    price: Decimal


@dataclass(slots=True)
class Market:
    """Rows, and what the simulation moves among."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    products: list[dict[str, Any]] = field(default_factory=list)
    goods: list[Good] = field(default_factory=list)
    competitors: list[dict[str, Any]] = field(default_factory=list)
    rates: list[dict[str, Any]] = field(default_factory=list)
    customers: list[dict[str, Any]] = field(default_factory=list)
    owner_changes: list[dict[str, Any]] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)


def build_market(random: Random, tell: Teller, staff: Staff, *, start: dt.date, today: dt.date) -> Market:
    """Set up the catalog, the competition, the rates, and all customers with their people."""
    made = Market()
    founded = calendar.during(calendar.working_day_from(start - dt.timedelta(days=800)), random)
    _catalog(made, tell, founded)
    _competition(made, tell, founded)
    _rates(made, random, start, today)
    _Settling(made, random, tell, start=start, today=today).settle(staff)
    return made


def _catalog(made: Market, tell: Teller, at: dt.datetime) -> None:
    stamps = {"created_at": at, "updated_at": at}
    for line_id, (line, prefix, products) in enumerate(goods.LINES, start=1):
        made.lines.append({"id": line_id, "name": tell(line), **stamps})
        for name, price in products:
            product_id = len(made.products) + 1
            made.products.append(
                {
                    "id": product_id,
                    "name": tell(name),
                    "code": f"{prefix}-{product_id:03d}",
                    "line_id": line_id,
                    "unit": tell(goods.SERVICE_UNITS.get(name[0].split()[0]) or goods.UNITS[prefix]),
                    "list_price": Decimal(price),
                    "currency": "CNY",
                    "tax_rate": SERVICE_TAX if name[0].startswith(goods.SERVICES) else GOODS_TAX,
                    **stamps,
                }
            )
            made.goods.append(Good(product_id, line_id, Decimal(price)))


def _competition(made: Market, tell: Teller, at: dt.datetime) -> None:
    for number, (name, strengths, weaknesses, _) in enumerate(market.COMPETITORS, start=1):
        made.competitors.append(
            {
                "id": number,
                "name": tell(name),
                "strengths": tell(strengths),
                "weaknesses": tell(weaknesses),
                "created_at": at,
                "updated_at": at,
            }
        )


def _rates(made: Market, random: Random, start: dt.date, today: dt.date) -> None:
    month = dt.date(start.year - 1, start.month, 1)
    current = dict(_FIRST_RATES)
    while month <= today:
        for currency, before in list(current.items()):
            current[currency] = before * math.exp(random.gauss(0, 0.008))
            rate = Decimal(str(round(current[currency], 4)))
            made.rates.append({"id": len(made.rates) + 1, "currency": currency, "on": month, "rate": rate})
        month = (month + dt.timedelta(days=32)).replace(day=1)


class _Settling:
    """Puts customers into the regions of the reps."""

    def __init__(self, made: Market, random: Random, tell: Teller, *, start: dt.date, today: dt.date) -> None:
        self.made, self.random, self.tell, self.start, self.today = made, random, tell, start, today
        self.names: set[str] = set()
        self.short_names: set[str] = set()
        self.met: Counter[tuple[str, bool]] = Counter()
        """How many men and women of a country abroad there are."""
        self.person_names = [(s, g) for s in people.SURNAMES for g in people.GIVEN_NAMES]

    def settle(self, staff: Staff) -> None:
        for rep in staff.reps:
            count = CUSTOMERS_OF_SIGN_IN if rep.username == "rep" else CUSTOMERS_PER_REP
            parent: int | None = None
            for number in range(count):
                in_group = number > 2 and self.random.random() < GROUP_SHARE  # a group needs a head
                kind = CustomerKind.END_USER if in_group else _weighted(self.random, _KINDS)
                client = self._customer(rep, kind, market.PLACES[rep.team], parent=parent if in_group else None)
                if number == 1 and client.kind == CustomerKind.END_USER:
                    parent = client.id
                self._people(client)
        exporters = [rep for rep in staff.reps if rep.team in ("Shanghai", "Guangdong")]
        for country, city, currency in market.ABROAD:
            for _ in range(3):
                client = self._customer(
                    self.random.choice(exporters), CustomerKind.DEALER, ((country, city, ""),), currency
                )
                self._people(client)
        self._move_people()

    def _customer(
        self, owner: Rep, kind: CustomerKind, places: Any, currency: str = "CNY", *, parent: int | None = None
    ) -> Client:
        random, tell = self.random, self.tell
        province, city, division = random.choice(places)
        industry, word = self._line_of_business(kind)
        name, short_name, handle = self._name(city, word)
        size, _, (fewest, most) = random.choices(_SIZES, [weight for _, weight, _ in _SIZES])[0]
        employees = random.randint(fewest, most)
        since = self._since(owner)
        at = calendar.during(since, random)
        revenue = Decimal(round(employees * random.uniform(0.4, 1.6) * 1_000_000, -5))
        is_abroad = not division
        client = Client(
            id=len(self.made.customers) + 1, name=name, short_name=short_name, owner=owner, kind=kind,
            industry=tell(industry), scale=math.exp(random.gauss(0, 0.35)) * (employees / 200) ** 0.28,
            city=city[1], country=(province if is_abroad else market.CHINA)[1], currency=currency, since=since,
        )  # fmt: skip
        self.made.clients.append(client)
        self.made.customers.append({
            "id": client.id, "name": name, "short_name": short_name, "kind": kind,
            "channel_place": ChannelPlace.WHOLESALER if kind == CustomerKind.DEALER else ChannelPlace.END_USER,
            "credit_code": "" if is_abroad else credit_codes.invent(random, division),
            "registration_number": f"{city[1][:2].upper()}-{random.randrange(10**6):06d}" if is_abroad else "",
            "industry": tell(industry), "size_band": size, "employees": employees,
            "annual_revenue": revenue, "revenue_currency": currency, "founded_year": random.randint(1988, 2021),
            "country": tell(province if is_abroad else market.CHINA), "province": "" if is_abroad else tell(province),
            "city": tell(city), "address": f"{tell(random.choice(market.STREETS))} {random.randint(1, 399)}",
            "website": f"https://www.{handle}.example",
            "phones": [f"{market.DIALLING[city[1]][0]}-555{random.randrange(10)}{random.randrange(10**4):04d}"],
            "emails": [f"info@{handle}.example"], "parent_id": parent, "owner_id": owner.user_id,
            "source": tell(_weighted(random, market.SOURCES)), "created_at": at, "updated_at": at,
        })  # fmt: skip
        self.made.owner_changes.append({
            "id": 0, "customer_id": client.id, "from_owner_id": None, "to_owner_id": owner.user_id, "at": at,
            "actor_id": owner.user_id, "cause": OwnerChangeCause.CREATED,
        })  # fmt: skip
        return client

    def _since(self, owner: Rep) -> dt.date:
        """Day on which the customer became known: half of them before the simulation, none before the owner came."""
        if self.random.random() < ALREADY_THERE:
            since = self.start - dt.timedelta(days=self.random.randrange(5, 500))
        else:
            since = self.start + dt.timedelta(days=self.random.randrange(0, (self.today - self.start).days - 60))
        if owner.left_on and since >= owner.left_on:
            since = owner.left_on - dt.timedelta(days=self.random.randrange(200, 500))
        return calendar.working_day_until(max(since, owner.joined_on if owner.joined_on > self.start else since))

    def _line_of_business(self, kind: CustomerKind) -> tuple[Pair, Pair]:
        random = self.random
        industry, word, _ = random.choices(market.INDUSTRIES, [weight for *_, weight in market.INDUSTRIES])[0]
        if kind == CustomerKind.DEALER:
            return market.DEALER_INDUSTRY, random.choice(market.DEALER_WORDS)
        if kind == CustomerKind.CONTRACTOR:
            return market.CONTRACTOR_INDUSTRY, random.choice(market.CONTRACTOR_WORDS)
        if kind == CustomerKind.OWNER:
            return market.DESIGN_INDUSTRY, random.choice(market.OWNER_WORDS)
        return industry, word

    def _name(self, city: Pair, business: Pair) -> tuple[str, str, str]:
        """Return full name, short name and a handle for the web, none of which is used yet."""
        while True:
            word = self.random.choice(market.NAME_WORDS)
            form = _weighted(self.random, market.LEGAL_FORMS)
            handle = f"{word[1]}-{business[1]}-{city[1]}".lower().replace(" ", "").replace("'", "").replace("ł", "l")
            handle = "".join(char for char in handle if char.isascii())
            if handle in self.names:
                continue
            self.names.add(handle)
            if self.tell.is_chinese:
                short, full = f"{word[0]}{business[0]}", f"{city[0]}{word[0]}{business[0]}{form[0]}"
                local = f"{city[0]}{short}"
            else:
                short, full = f"{word[1]} {business[1]}", f"{city[1]} {word[1]} {business[1]} {form[1]}"
                local = f"{city[1]} {short}"
            key = f"{word[1]} {business[1]}"
            if key in self.short_names:
                return full, local, handle
            self.short_names.add(key)
            return full, short, handle

    def _people(self, client: Client) -> None:
        random = self.random
        count = random.choices((1, 2, 3, 4, 5), (18, 32, 28, 15, 7))[0]
        for title, department in random.sample(people.POSTS, count):
            surname, given = random.choice(self.person_names)
            name = surname[0] + given[0] if self.tell.is_chinese else f"{given[1]} {surname[1]}"
            contact_id = len(self.made.contacts) + 1
            at = calendar.during(calendar.working_day_from(client.since), random)
            salutation = random.choice(people.SALUTATIONS)
            mailbox = f"{given[1]}.{surname[1]}".lower().replace("ü", "u")
            if client.country in abroad.NAMES:
                key = (client.country, salutation == people.SALUTATIONS[1])
                pair, mailbox = abroad.NAMES[client.country].full(self.met[key], is_woman=key[1])
                name = self.tell(pair)
                self.met[key] += 1
            mobile = market.DIALLING[client.city][1] or market.NOBODYS_MOBILE
            website = str(self.made.customers[client.id - 1]["website"]).removeprefix("https://www.")
            self.made.contacts.append({
                "id": contact_id, "name": name, "salutation": self.tell(salutation),
                "phones": [f"{mobile}{random.randrange(10**8):08d}"], "emails": [f"{mailbox}@{website}"],
                "wechat": f"{mailbox.replace('.', '_')}{random.randrange(100):02d}" if random.random() < 0.7 else "",
                "preferred_channel": random.choice(("phone", "message", "message", "visit", "email")),
                "wants_festival_greetings": random.random() < 0.5, "owner_id": client.owner.user_id,
                "created_at": at, "updated_at": at,
            })  # fmt: skip
            self.made.posts.append({
                "id": len(self.made.posts) + 1, "contact_id": contact_id, "customer_id": client.id,
                "title": self.tell(title), "department": self.tell(department),
                "started_on": client.since - dt.timedelta(days=random.randrange(100, 2500)), "ended_on": None,
            })  # fmt: skip
            client.contacts.append(contact_id)

    def _move_people(self) -> None:
        """Some people change employers; the old post stays on record."""
        for post in list(self.made.posts):
            client = self.made.clients[post["customer_id"] - 1]
            if len(client.contacts) < 2 or self.random.random() >= MOVED_SHARE:
                continue
            new = self.random.choice([other for other in self.made.clients if other.owner is client.owner])
            moved_on = max(client.since, self.start) + dt.timedelta(days=self.random.randrange(60, 500))
            if new is client or moved_on >= self.today:
                continue
            post["ended_on"] = moved_on
            client.contacts.remove(post["contact_id"])
            employer = new if new.country == client.country else self._another_at_home(client, post["contact_id"])
            if employer is not None:  # else nobody knows where to
                self.made.posts.append({
                    "id": len(self.made.posts) + 1, "contact_id": post["contact_id"], "customer_id": employer.id,
                    "title": post["title"], "department": post["department"], "started_on": moved_on, "ended_on": None,
                })  # fmt: skip
            self.made.contacts[post["contact_id"] - 1]["updated_at"] = calendar.during(
                calendar.working_day_from(moved_on), self.random
            )

    def _another_at_home(self, client: Client, number: int) -> Client | None:
        """A customer of the same owner in the same country: people stay in theirs."""
        others = [
            other for other in self.made.clients
            if other.owner is client.owner and other.country == client.country and other is not client
        ]  # fmt: skip
        return others[number % len(others)] if others else None


def _weighted(random: Random, choices: Any) -> Any:
    """Choose among (value, weight) pairs."""
    return random.choices([value for value, _ in choices], [weight for _, weight in choices])[0]
