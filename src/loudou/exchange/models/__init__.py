"""Nouns of the exchange."""

from loudou.exchange.models.job import ImportJob, ImportJobQuerySet, SavedMapping
from loudou.exchange.models.row import ImportExtra, ImportRow

__all__ = ["ImportExtra", "ImportJob", "ImportJobQuerySet", "ImportRow", "SavedMapping"]
