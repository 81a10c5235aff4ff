"""Nouns of personal data."""

from loudou.privacy.models.request import PersonalDataRequest, RequestQuerySet

__all__ = ["PersonalDataRequest", "RequestQuerySet"]
