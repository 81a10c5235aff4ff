"""Turning the names in a batch of rows into records, by the person's decisions about names that are not known."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from loudou.catalog.services.lines import create_lines
from loudou.catalog.services.products import ProductDraft, create_products
from loudou.core.actors import Actor
from loudou.core.bulk import Outcome
from loudou.core.phrases import labelled
from loudou.core.refusals import BusinessRefusal, InvalidInput
from loudou.customers.choices import OwnerChangeCause
from loudou.customers.services.customers import create_customers
from loudou.customers.services.drafts import CustomerDraft
from loudou.exchange.choices import Reconcile
from loudou.exchange.models import ImportExtra
from loudou.exchange.services.directory import MANY, Directory
from loudou.exchange.services.parsing import Parsed, Parser
from loudou.exchange.services.resembling import closest_names
from loudou.exchange.targets import Reference, Target, ValueType
from loudou.exchange.values.texts import same
from loudou.people.services.teams import create_teams
from loudou.pipeline.services.competition import create_competitor, create_loss_reason

LATER = frozenset({Reference.STAGE})
"""References that need another value of the row first, so their writer finds them."""


@dataclass
class Context:
    """What the writing of a batch needs: who, when, the reader of rows, the directory, and the records made beside."""

    actor: Actor
    at: dt.datetime
    parser: Parser
    directory: Directory
    dry: bool = False
    """Whether the batch is only tried: it is rolled back, so that later ones do not see it."""

    extras: list[ImportExtra] = field(default_factory=list)
    made: list[tuple[Reference, str]] = field(default_factory=list)

    def note(self, row: models.Model) -> None:
        """Remember a record made beside the rows' own, so that an undo takes it away."""
        self.extras.append(ImportExtra(job=self.parser.job, label=row._meta.label_lower, target_id=row.pk))


def resolve(
    context: Context, batch: Sequence[Parsed], *, links_later: str = "", in_file: frozenset[str] = frozenset()
) -> None:
    """Replace the names of every target by records. A name that stays unknown is a problem of its row.

    `links_later` is the target whose record may come from another row of the same file: `in_file` has the names
    (normalised) the file brings, and a row that names one of them before it is written waits for the linking pass.
    """
    for target in context.parser.kind.targets:
        if target.value in (ValueType.REFERENCE, ValueType.REFERENCES) and target.reference not in LATER:
            _resolve_target(context, batch, target, in_file if target.code == links_later else frozenset())


def _resolve_target(context: Context, batch: Sequence[Parsed], target: Target, in_file: frozenset[str]) -> None:
    assert target.reference is not None  # noqa: S101 - for the type checker: reference targets name one
    users = [parsed for parsed in batch if target.code in parsed.named]
    names = {name for parsed in users for name in parsed.named[target.code]}
    if not names:
        return
    directory = context.directory
    directory.look_up(target.reference, names)
    instead, create, guessed = _decided(context, target, [name for name in names if same(name) not in in_file])
    directory.look_up(target.reference, [name for name in instead.values() if name])
    refused = _create(context, target.reference, sorted(create)) if create else {}
    for parsed in users:
        found: list[int] = []
        for name in parsed.named[target.code]:
            wanted = instead.get(name, name)
            if not wanted:
                continue
            if name in guessed:
                parsed.remarks.append(_guess(target, name, wanted))
            pk = directory.find(target.reference, wanted)
            if pk is None and same(wanted) in in_file:
                parsed.row.needs_link = True
            elif pk is None or pk == MANY:
                parsed.problems.append(labelled(target.label, _sentence(wanted, pk, refused.get(name))))
            else:
                found.append(pk)
        if found:
            parsed.values[target.code] = found if target.value == ValueType.REFERENCES else found[0]


def _decided(context: Context, target: Target, names: list[str]) -> tuple[dict[str, str], list[str], list[str]]:
    """What the person decided about names that are not known: other names ('' for none), names to make, and guesses."""
    assert target.reference is not None  # noqa: S101 - for the type checker: reference targets name one
    instead: dict[str, str] = {}
    create: list[str] = []
    guess: list[str] = []
    for name in names:
        if context.directory.find(target.reference, name) is not None:
            continue
        decision = context.parser.decision(target.code, name) or context.parser.fallback(target.code)
        if decision is None:
            continue
        if decision.do == Reconcile.CREATE:
            create.append(name)
        elif decision.do == Reconcile.MAP:
            instead[name] = decision.to
        elif decision.do == Reconcile.EMPTY:
            instead[name] = ""
        elif decision.do == Reconcile.CLOSEST:
            guess.append(name)
    guessed = closest_names(context.directory, target.reference, guess) if guess else {}
    return instead | guessed, create, list(guessed)


def _guess(target: Target, name: str, wanted: str) -> str:
    return _("%(field)s: “%(name)s” was taken for “%(wanted)s”.") % {
        "field": target.label,
        "name": name[:80],
        "wanted": wanted,
    }


def _sentence(name: str, pk: int | None, refused: str | None) -> str:
    if refused:
        return refused
    if pk == MANY:
        return _("Several records are called “%(name)s”.") % {"name": name[:80]}
    return _("“%(name)s” is not known here.") % {"name": name[:80]}


def _create(context: Context, reference: Reference, names: list[str]) -> dict[str, str]:
    """Make records that have just a name; returns the refusals by name."""
    refused: dict[str, str] = {}
    for name, outcome in zip(names, _CREATORS[reference](context, names), strict=True):
        if outcome.row is None:
            refused[name] = sentence(outcome.refusal)
            continue
        context.directory.add(reference, name, outcome.row.pk)
        context.made.append((reference, name))
        context.note(outcome.row)
    return refused


def _create_customers(context: Context, names: list[str]) -> list[Outcome[Any]]:
    drafts = [CustomerDraft(name=name, unowned=context.actor.has_permission("customers.assign")) for name in names]
    return [*create_customers(context.actor, drafts, at=context.at, cause=OwnerChangeCause.IMPORTED)]


def _create_products(context: Context, names: list[str]) -> list[Outcome[Any]]:
    return [*create_products(context.actor, [ProductDraft(name=name) for name in names])]


def _create_lines(context: Context, names: list[str]) -> list[Outcome[Any]]:
    return [*create_lines(context.actor, names)]


def _create_teams(context: Context, names: list[str]) -> list[Outcome[Any]]:
    return [*create_teams(context.actor, [{"name": name} for name in names])]


def _each(verb: Callable[..., Any]) -> Callable[[Context, list[str]], list[Outcome[Any]]]:
    def create(context: Context, names: list[str]) -> list[Outcome[Any]]:
        outcomes: list[Outcome[Any]] = []
        for name in names:
            try:
                outcomes.append(Outcome(row=verb(context.actor, name=name)))
            except BusinessRefusal as refusal:
                outcomes.append(Outcome(refusal=refusal))
        return outcomes

    return create


_CREATORS: dict[Reference, Callable[[Context, list[str]], list[Outcome[Any]]]] = {
    Reference.CUSTOMER: _create_customers,
    Reference.PRODUCT: _create_products,
    Reference.PRODUCT_LINE: _create_lines,
    Reference.TEAM: _create_teams,
    Reference.COMPETITOR: _each(create_competitor),
    Reference.LOSS_REASON: _each(create_loss_reason),
}


def sentence(refusal: BusinessRefusal | None) -> str:
    """What a refusal tells the person, with the names of the fields it is about."""
    if refusal is None:
        return ""
    if not isinstance(refusal, InvalidInput):
        return str(refusal)
    return " ".join(
        text if not name else labelled(name, text) for name, texts in refusal.errors.items() for text in texts
    )


def sentences(refusal: BusinessRefusal, labels: dict[str, str]) -> list[str]:
    """The sentences of a refusal, each led by the label of its field."""
    if not isinstance(refusal, InvalidInput):
        return [str(refusal)]
    found: dict[str, None] = defaultdict()
    for name, texts in refusal.errors.items():
        for text in texts:
            found[labelled(labels[name], text) if name in labels else text] = None
    return list(found)
