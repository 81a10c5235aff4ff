"""A place where a column can go."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db import models
from django.utils.functional import Promise


class ValueType(StrEnum):
    """How a cell is read."""

    TEXT = "text"
    LIST = "list"
    NUMBER = "number"
    MONEY = "money"
    INTEGER = "integer"
    SHARE = "share"
    DATE = "date"
    MOMENT = "moment"
    TRUTH = "truth"
    CURRENCY = "currency"
    CHOICE = "choice"
    REFERENCE = "reference"
    REFERENCES = "references"


class Reference(StrEnum):
    """What a cell that names another record names."""

    USER = "user"
    TEAM = "team"
    CUSTOMER = "customer"
    CUSTOMER_KEY = "customer_key"
    CUSTOMER_DOMAIN = "customer_domain"
    CONTACT = "contact"
    OPPORTUNITY = "opportunity"
    PRODUCT = "product"
    PRODUCT_LINE = "product_line"
    PROCESS = "process"
    STAGE = "stage"
    COMPETITOR = "competitor"
    LOSS_REASON = "loss_reason"
    CONTRACT = "contract"


CREATABLE = frozenset(
    {
        Reference.CUSTOMER,
        Reference.PRODUCT,
        Reference.PRODUCT_LINE,
        Reference.TEAM,
        Reference.COMPETITOR,
        Reference.LOSS_REASON,
    }
)
"""References that can be made from a name alone, when the person says so."""


@dataclass(frozen=True, slots=True)
class Target:
    """One target: its code, its label, how its cells are read, and a sample for the template."""

    code: str
    label: str | Promise
    value: ValueType = ValueType.TEXT
    sample: str = ""
    required: bool = False
    choices: type[models.TextChoices] | type[models.IntegerChoices] | None = None
    reference: Reference | None = None
    length: int | None = None

    @property
    def is_reconciled(self) -> bool:
        """Whether its values must name something known, and the person decides about those that do not."""
        return self.value in (ValueType.CHOICE, ValueType.REFERENCE, ValueType.REFERENCES)

    @property
    def takes_many(self) -> bool:
        """Whether several columns may go to it."""
        return self.value in (ValueType.LIST, ValueType.REFERENCES)
