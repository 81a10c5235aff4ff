"""Nouns of the exchange."""

from loudou.exchange.models.job import ImportJob, ImportJobQuerySet, SavedMapping
from loudou.exchange.models.row import ImportExtra, ImportRow
from loudou.exchange.models.statement import AccountFormat, StatementFile

__all__ = [
    "AccountFormat",
    "ImportExtra",
    "ImportJob",
    "ImportJobQuerySet",
    "ImportRow",
    "SavedMapping",
    "StatementFile",
]
