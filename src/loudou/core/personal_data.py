"""Where the personal data of contacts lie: each module declares it of each of its fields, in its `personal_data.py`.

A contact's copy of data and a contact's erasure both go by these declarations, and a test walks all models: a field
that can hold text and about which nothing is declared fails it. So a new field comes with a decision.

    declare("pipeline.opportunity", searched=("notes", "next_step"), plain=("subject",), ties=("people__contact",))

A place that needs more than its text blackened has a `Keeper` of its own.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any
from urllib.parse import quote

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

Sentence = str | Promise
Tie = str | Callable[[int], models.Q]

BUSINESS_RECORD: Sentence = _(
    "A record of the business that the law asks us to keep: contracts, deliveries and vouchers for 10 to 30 years."
)
OUR_OWN: Sentence = _("About us and our colleagues, not about contacts.")


class Treatment(StrEnum):
    """What becomes of a field when a contact is erased."""

    PLAIN = "plain"  # holds no personal data of contacts
    OWN = "own"  # the contact's own: copied and emptied
    SEARCHED = "searched"  # may name a contact: searched, copied, blackened where chosen
    KEPT = "kept"  # may name a contact, and stays as it is for a reason: copied
    DERIVED = "derived"  # follows from other fields by itself
    HANDLED = "handled"  # a keeper's business


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is decided about the fields of one model.

    `ties` are lookups that lead from its rows to a contact's id, or functions that make a condition of the id.
    """

    label: str
    fields: Mapping[str, Treatment]
    because: Sentence = ""
    ties: tuple[Tie, ...] = ()

    def named(self, *treatments: Treatment) -> tuple[str, ...]:
        """Fields that are treated so, in order."""
        return tuple(name for name, treatment in self.fields.items() if treatment in treatments)


@dataclass(frozen=True)
class Person:
    """A contact as one looks for it: what it is and was called, its numbers and addresses, and its other values.

    A name may be another person's too; an identifier (phone, mail, WeChat, id of another system) is nobody else's.
    `values` are the remaining texts of the contact's own fields, which mean the contact only beside the others.
    """

    contact_id: int
    names: frozenset[str] = frozenset()
    identifiers: frozenset[str] = frozenset()
    values: frozenset[str] = field(default=frozenset(), repr=False)

    @cached_property
    def pattern(self) -> str:
        """Regular expression, for PostgreSQL and Python alike, of everything that names the person."""
        return _either([*map(_word, self._searchable(self.names)), self.identifying])

    @cached_property
    def identifying(self) -> str:
        """Regular expression of the identifiers alone; one that matches nothing when there are none."""
        return _either([_number(text) if _is_number(text) else _word(text) for text in self.identifiers])

    @cached_property
    def finds(self) -> re.Pattern[str]:
        """`pattern`, compiled."""
        return re.compile(self.pattern, re.IGNORECASE)

    @cached_property
    def identifies(self) -> re.Pattern[str]:
        """`identifying`, compiled."""
        return re.compile(self.identifying, re.IGNORECASE)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Names and identifiers as they are written, in order."""
        return tuple(sorted({*self._searchable(self.names), *self.identifiers}))

    @staticmethod
    def _searchable(names: Iterable[str]) -> list[str]:
        """Names long enough to mean somebody: two characters of Chinese, three of others."""
        return sorted(name for name in names if len(name) >= (2 if _CJK.search(name) else 3))


_CJK = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_NOTHING = "(?!)"
_FEWEST_DIGITS = 7


def _is_number(text: str) -> bool:
    return sum(map(str.isdigit, text)) >= _FEWEST_DIGITS and not re.search(r"[^\d\s+().\-]", text)


def _number(text: str) -> str:
    """A phone number however it is grouped."""
    digits = [character for character in text if character.isdigit()]
    return r"(?<![0-9])" + r"[\s().-]{0,2}".join(digits) + r"(?![0-9])"


def _word(text: str) -> str:
    """A word in its own right; Chinese has no spaces between words. It may also stand in an address, as `q=%E7…`."""
    spellings = dict.fromkeys((text, quote(text), quote(text, safe="@")))
    return _either([_bounded(spelling) for spelling in spellings])


def _bounded(text: str) -> str:
    escaped = "".join(rf"\{c}" if c in r"\.^$*+?()[]{}|" else c for c in text)
    escaped = re.sub(r"\s+", r"\\s+", escaped)
    before = r"(?<![A-Za-z0-9_])" if re.match(r"[A-Za-z0-9_]", text) else ""
    after = r"(?![A-Za-z0-9_])" if re.search(r"[A-Za-z0-9_]$", text) else ""
    return f"{before}{escaped}{after}"


def _either(parts: Iterable[str]) -> str:
    found = [part for part in dict.fromkeys(parts) if part and part != _NOTHING]
    return "(?:" + "|".join(found) + ")" if found else _NOTHING


@dataclass(frozen=True, slots=True)
class Place:
    """One value that names the person: which record and field, how it is treated, and what it says.

    `is_sure` tells that the person is meant: the record is tied to the contact, or an identifier stands there. Without
    it somebody else of the same name may be meant.
    """

    label: str
    pk: int
    field: str
    treatment: Treatment
    text: str
    is_sure: bool
    because: Sentence = ""

    @property
    def key(self) -> str:
        """Name of the place, such as `pipeline.opportunity:12:notes`."""
        return f"{self.label}:{self.pk}:{self.field}"


Find = Callable[[Person], Iterable[Place]]
Erase = Callable[[Person, Sequence[Place], dt.datetime], None]


@dataclass(frozen=True, slots=True)
class Keeper:
    """How a module finds and erases what lies in places with rules of their own."""

    name: str
    find: Find
    erase: Erase


DECLARATIONS: dict[str, Declaration] = {}
"""What is decided, by model label."""

KEEPERS: dict[str, Keeper] = {}
"""Every keeper by name, which is the label of the model it keeps."""


def declare(
    label: str,
    *,
    plain: Collection[str] = (),
    own: Collection[str] = (),
    searched: Collection[str] = (),
    kept: Collection[str] = (),
    derived: Collection[str] = (),
    handled: Collection[str] = (),
    because: Sentence = "",
    ties: tuple[Tie, ...] = (),
) -> None:
    """Decide about each field of a model that can hold text. `because` says why something is kept."""
    given = (
        (Treatment.PLAIN, plain),
        (Treatment.OWN, own),
        (Treatment.SEARCHED, searched),
        (Treatment.KEPT, kept),
        (Treatment.DERIVED, derived),
        (Treatment.HANDLED, handled),
    )
    fields = {name: treatment for treatment, names in given for name in names}
    DECLARATIONS[label] = Declaration(label, fields, because, ties)


def keep(name: str, *, find: Find, erase: Erase) -> None:
    """Register how the places of a model are found and erased."""
    KEEPERS[name] = Keeper(name, find, erase)


def load() -> None:
    """Import every installed module's `personal_data.py`."""
    autodiscover_modules("personal_data")


def fields_to_decide(model: type[models.Model]) -> list[str]:
    """Fields of a model that can hold words: texts, JSON, files, lists of texts; no keys, figures, days, choices."""
    return [field.name for field in model._meta.concrete_fields if _holds_words(field)]


def models_to_decide() -> dict[str, type[models.Model]]:
    """Every model with a table of its own, by label."""
    return {model._meta.label_lower: model for model in apps.get_models() if not model._meta.proxy}


def column_of(model: type[models.Model], name: str) -> str:
    """Column of a field in the database."""
    return next(str(each.column) for each in model._meta.concrete_fields if each.name == name)


def _holds_words(each: Any) -> bool:
    if each.is_relation or getattr(each, "choices", None):
        return False
    if isinstance(each, models.GeneratedField):
        return _holds_words(each.output_field)
    if isinstance(each, ArrayField):
        return _holds_words(each.base_field)
    kinds = (models.CharField, models.TextField, models.JSONField, models.FileField, models.BinaryField)
    return isinstance(each, kinds)
