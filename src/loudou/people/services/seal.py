"""Sealing secrets that must be readable again, such as an authenticator's key, with the installation's signing key."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def seal(text: str) -> str:
    """Encrypt with the present signing key."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str | None:
    """Decrypt with the present or a former signing key (SECRET_KEY_FALLBACKS); None when no key fits."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(str(key))) for key in keys])


def _derived(key: str) -> bytes:
    """Make a key for this purpose alone; the signing key is random, so one hash is enough."""
    return base64.urlsafe_b64encode(hashlib.sha256(b"loudou.people.seal" + key.encode()).digest())
