"""What a person is known by and nobody else, and the digests that recognize it after the person was erased.

Phone numbers are few enough to be tried one after the other. So the digest is keyed with the installation's signing
key, which does not lie in the database: who has a backup alone learns nothing. Like all that is made with that key,
digests of a former key are still known while it is listed in SECRET_KEY_FALLBACKS.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import Any

from django.conf import settings

from loudou.customers import registration
from loudou.customers.choices import IdentityKind

Identity = tuple[IdentityKind, str]


def identities_of(facts: Any) -> list[Identity]:
    """Every identity of a contact or of a draft of one, normalized, without repetitions."""
    found: list[Identity] = [(IdentityKind.PHONE, registration.normalize_phone(phone)) for phone in facts.phones]
    found += [(IdentityKind.MAIL, registration.normalize_email(mail)) for mail in facts.emails]
    found.append((IdentityKind.WECHAT, registration.normalize_name(facts.wechat).lower()))
    found.append((IdentityKind.EXTERNAL_ID, registration.normalize_name(facts.external_id)))
    return [identity for identity in dict.fromkeys(found) if identity[1]]


def digest(identity: Identity) -> tuple[str, str]:
    """Digest of an identity under the present signing key, and the mark of that key."""
    key = _keys()[0]
    return _digest(key, identity), mark(key)


def digests(identities: Iterable[Identity]) -> dict[str, Identity]:
    """Every digest that could be stored of these identities, under the present and the former keys."""
    keys = _keys()
    return {_digest(key, identity): identity for identity in identities for key in keys}


def known_marks() -> set[str]:
    """Marks of the keys whose digests can still be recognized."""
    return {mark(key) for key in _keys()}


def mark(key: bytes) -> str:
    """Tell keys apart without telling them."""
    return hashlib.sha256(b"mark" + key).hexdigest()[:8]


def _keys() -> list[bytes]:
    """Keys for this purpose alone; a signing key is random, so one hash is enough."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [hashlib.sha256(b"loudou.customers.identities" + str(secret).encode()).digest() for secret in secrets]


def _digest(key: bytes, identity: Identity) -> str:
    kind, text = identity
    return hmac.new(key, f"{kind.value}:{text}".encode(), hashlib.sha256).hexdigest()
