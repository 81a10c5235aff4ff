"""Nouns of the core."""

from loudou.core.models.base import Versioned
from loudou.core.models.company import Company, ExchangeRate
from loudou.core.models.idempotency import IdempotencyKey
from loudou.core.models.revision import TableRevision

__all__ = ["Company", "ExchangeRate", "IdempotencyKey", "TableRevision", "Versioned"]
