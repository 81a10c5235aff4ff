"""Verbs of personal data."""

from loudou.privacy.services.erasing import erase_contact
from loudou.privacy.services.requests import record_request

__all__ = ["erase_contact", "record_request"]
