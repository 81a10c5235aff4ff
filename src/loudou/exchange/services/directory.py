"""Finding the records that cells name: users, customers, products, stages and the like, each name asked for once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from loudou.catalog.models import Product, ProductLine
from loudou.contracts.models import Contract
from loudou.core.actors import Actor
from loudou.customers.models import Contact, Customer
from loudou.exchange.targets import Reference
from loudou.exchange.targets.synonyms import choice_words
from loudou.exchange.targets.target import Target, ValueType
from loudou.exchange.values.texts import letters, same, tidy
from loudou.people.models import Team, User
from loudou.pipeline.choices import State
from loudou.pipeline.models import Competitor, LossReason, Opportunity, SalesProcess, Stage

MANY = -1
"""Stands for a name that several records have."""

_STATE = Target("state", "", ValueType.CHOICE, choices=State)
_KEYS_IN_DATABASE = "SELECT loudou_name_key(name) FROM unnest(%s::text[]) AS name"
Found = dict[str, int]


class Directory:
    """What names mean, for one actor: only records the actor may see are found."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self._found: dict[Reference, Found] = defaultdict(dict)
        self._asked: dict[Reference, set[str]] = defaultdict(set)
        self._complete: set[Reference] = set()
        self.stage_names: dict[str, list[Stage]] = {}

    def look_up(self, reference: Reference, names: Iterable[str]) -> None:
        """Find all of these names, with at most a few statements for those never asked for."""
        if reference in _COMPLETE:
            self._load(reference)
            return
        new = {same(name): name for name in names if same(name) not in self._asked[reference]}
        if not new:
            return
        self._asked[reference].update(new)
        for name, pk in _SEARCHES[reference](self.actor, new):
            self._add(reference, name, pk)

    def find(self, reference: Reference, name: str) -> int | None:
        """The record of this name: its id, MANY, or None when there is none. `look_up` must have been asked."""
        return self._found[reference].get(same(name))

    def known(self, reference: Reference) -> list[str]:
        """All names of a small kind of records, as they are written."""
        return (
            sorted({name for name, _pk in _COMPLETE[reference](self.actor) if name}) if reference in _COMPLETE else []
        )

    def add(self, reference: Reference, name: str, pk: int) -> None:
        """Remember a record that was just made."""
        self._asked[reference].add(same(name))
        self._found[reference][same(name)] = pk

    def forget(self, reference: Reference, name: str) -> None:
        """Forget a record that was made and rolled back."""
        self._found[reference].pop(same(name), None)

    def stage(self, name: str, process_id: int | None) -> Stage | State | None:
        """The stage of this name in a process (or in any, the default one first), or the outcome it means."""
        if not self.stage_names:
            self._load_stages()
        stages = self.stage_names.get(letters(name), [])
        for stage in stages:
            if process_id is None or stage.process_id == process_id:
                return stage
        outcome = choice_words(_STATE).get(letters(name))
        return State(outcome) if outcome else None

    def _load_stages(self) -> None:
        names: dict[str, list[Stage]] = defaultdict(list)
        ordered = Stage.objects.select_related("process").order_by(
            "-process__is_default", "process__position", "position"
        )
        for stage in ordered:
            for name in {letters(stage.name), letters(stage.name_zh)} - {""}:
                names[name].append(stage)
        self.stage_names = dict(names)

    def _load(self, reference: Reference) -> None:
        if reference not in self._complete:
            self._complete.add(reference)
            for name, pk in _COMPLETE[reference](self.actor):
                self._add(reference, name, pk)

    def _add(self, reference: Reference, name: str, pk: int) -> None:
        if key := same(name):
            known = self._found[reference].setdefault(key, pk)
            if known != pk:
                self._found[reference][key] = MANY


def _pairs(rows: QuerySet[Any], *fields: str) -> list[tuple[str, int]]:
    return [(name, pk) for pk, *names in rows.values_list("pk", *fields) for name in names if name]


def _users(actor: Actor) -> list[tuple[str, int]]:
    active = _pairs(User.objects.filter(is_active=True), "name", "username", "email", "external_id")
    names = {same(name) for name, _pk in active}
    gone = _pairs(User.objects.filter(is_active=False), "name", "username", "email", "external_id")
    return active + [(name, pk) for name, pk in gone if same(name) not in names]


_COMPLETE: dict[Reference, Callable[[Actor], list[tuple[str, int]]]] = {
    Reference.USER: _users,
    Reference.TEAM: lambda actor: _pairs(Team.objects.all(), "name"),
    Reference.PRODUCT: lambda actor: _pairs(Product.objects.all(), "name", "code", "external_id"),
    Reference.PRODUCT_LINE: lambda actor: _pairs(ProductLine.objects.all(), "name"),
    Reference.PROCESS: lambda actor: _pairs(SalesProcess.objects.filter(is_active=True), "name", "name_zh"),
    Reference.STAGE: lambda actor: _stage_choices(),
    Reference.COMPETITOR: lambda actor: _pairs(Competitor.objects.all(), "name"),
    Reference.LOSS_REASON: lambda actor: _pairs(LossReason.objects.all(), "name", "name_zh"),
}


def _stage_choices() -> list[tuple[str, int]]:
    """Names of stages and outcomes, as offered in choosers (ids do not matter there)."""
    names = [(stage.label, stage.pk) for stage in Stage.objects.all()]
    return names + [(str(label), 0) for _value, label in State.choices]


def _customers(actor: Actor, names: dict[str, str]) -> list[tuple[str, int]]:
    visible = Customer.objects.visible_to(actor)
    texts = list(names.values())
    by_name = visible.filter(name_key__in=RawSQL(_KEYS_IN_DATABASE, [texts]))  # noqa: S611 - texts are a parameter
    found = [(name, pk) for name, pk in _pairs(by_name, "name") if same(name) in names]
    rest = set(names) - {same(name) for name, _pk in found}
    if rest:
        # Short and other names have no index of their own: they are asked for only when the name itself is unknown.
        other = [tidy(names[key]) for key in rest]
        rows = visible.filter(Q(short_name__in=other) | Q(aliases__overlap=other))
        for pk, short_name, aliases in rows.values_list("pk", "short_name", "aliases"):
            found += [(name, pk) for name in {short_name, *aliases} if same(name) in rest]
    return found


def _customers_by_key(actor: Actor, names: dict[str, str]) -> list[tuple[str, int]]:
    rows = Customer.objects.visible_to(actor).exclude(external_id="").filter(external_id__in=list(names.values()))
    return _pairs(rows, "external_id")


def domain(text: str) -> str:
    """The bare domain of an address: no scheme, no www, no path."""
    return text.lower().split("://")[-1].split("/")[0].removeprefix("www.").strip()


def _customers_by_domain(actor: Actor, names: dict[str, str]) -> list[tuple[str, int]]:
    wanted: dict[str, list[str]] = defaultdict(list)
    for name in names.values():
        wanted[domain(name)].append(name)
    bare = RawSQL("lower(regexp_replace(website, '^(https?://)?(www\\.)?([^/]*).*$', '\\3'))", [])
    rows = Customer.objects.visible_to(actor).exclude(website="").annotate(bare=bare).filter(bare__in=list(wanted))
    return [(name, pk) for pk, site in rows.values_list("pk", "website") for name in wanted[domain(site)]]


def _contacts(actor: Actor, names: dict[str, str]) -> list[tuple[str, int]]:
    texts = [tidy(name) for name in names.values()]
    mails = [text.lower() for text in texts if "@" in text]
    known = Q(name__in=texts) | Q(emails__overlap=mails) | (~Q(external_id="") & Q(external_id__in=texts))
    found = []
    for pk, name, emails, key in (
        Contact.objects.visible_to(actor).filter(known).distinct().values_list("pk", "name", "emails", "external_id")
    ):
        found += [(text, pk) for text in {name, key, *emails} if same(text) in names]
    return found


def _opportunities(actor: Actor, names: dict[str, str]) -> list[tuple[str, int]]:
    """By id of another system; a subject is asked for only when no id is known."""
    visible = Opportunity.objects.visible_to(actor)
    texts = [tidy(name) for name in names.values()]
    found = _pairs(visible.exclude(external_id="").filter(external_id__in=texts), "external_id")
    rest = set(names) - {same(name) for name, _pk in found}
    if rest:
        found += _pairs(visible.filter(subject__in=[tidy(names[key]) for key in rest]), "subject")
    return found


def _contracts(actor: Actor, names: dict[str, str]) -> list[tuple[str, int]]:
    """By number; an id of another system is asked for only when no number is known."""
    visible = Contract.objects.visible_to(actor)
    texts = [tidy(name) for name in names.values()]
    found = _pairs(visible.filter(number__in=texts).exclude(number=""), "number")
    rest = set(names) - {same(name) for name, _pk in found}
    if rest:
        wanted = [tidy(names[key]) for key in rest]
        found += _pairs(visible.filter(external_id__in=wanted).exclude(external_id=""), "external_id")
    return found


_SEARCHES: dict[Reference, Callable[[Actor, dict[str, str]], list[tuple[str, int]]]] = {
    Reference.CUSTOMER: _customers,
    Reference.CUSTOMER_KEY: _customers_by_key,
    Reference.CUSTOMER_DOMAIN: _customers_by_domain,
    Reference.CONTACT: _contacts,
    Reference.OPPORTUNITY: _opportunities,
    Reference.CONTRACT: _contracts,
}
