"""What `loudou check` proves about the stored data: that each cache agrees with the rows it was made from.

A module declares its checks in its `checks.py`; `load()` finds them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

Sentence = str | Promise


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be: the record ('pipeline.opportunity 17') and what is wrong with it."""

    record: str
    problem: Sentence


@dataclass(frozen=True, slots=True)
class Check:
    """A question with a name, a sentence that says what is proved, and the function that yields what disproves it."""

    name: str
    description: Sentence
    find: Callable[[], Iterable[Finding]]


CHECKS: dict[str, Check] = {}
"""Every check by name; `loudou check`, the docs and the documentation test read it."""

Find = Callable[[], Iterable[Finding]]


def check(name: str, description: Sentence) -> Callable[[Find], Find]:
    """Register a function that yields findings: `@check("pipeline.current_stage", _("Each ... equals ..."))`."""

    def register(find: Find) -> Find:
        CHECKS[name] = Check(name, description, find)
        return find

    return register


def load() -> None:
    """Import every installed module's `checks.py`."""
    autodiscover_modules("checks")


def run(names: Iterable[str] = ()) -> Iterator[tuple[Check, list[Finding]]]:
    """Run checks in order of their names, all when none is named, each on one snapshot. Raises KeyError."""
    for chosen in [CHECKS[name] for name in names] or [CHECKS[name] for name in sorted(CHECKS)]:
        with transaction.atomic():
            yield chosen, list(chosen.find())
