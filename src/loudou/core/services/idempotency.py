"""Carrying a request out once, however often it arrives: a double click, a retry, two tabs."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from loudou.core.errors import IdempotencyKeyReused
from loudou.core.models import IdempotencyKey

if TYPE_CHECKING:
    from loudou.core.actors import Actor

KEPT_FOR = dt.timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered with: an HTTP status and a body that JSON can hold."""

    status: int
    body: Any = None
    repeated: bool = False


def fingerprint(content: Mapping[str, Any] | bytes) -> str:
    """Digest of what was asked, so that a key used for another request is noticed."""
    raw = content if isinstance(content, bytes) else json.dumps(content, sort_keys=True, default=str).encode()
    return hashlib.sha256(raw).hexdigest()


def once(user: Actor, *, scope: str, key: str, fingerprint: str, run: Callable[[], Answer]) -> Answer:
    """Call `run` unless this user already sent `key` for `scope`; then return the first answer, marked `repeated`.

    Key and work share one transaction: a second request that arrives meanwhile waits for the first, and a refusal
    takes the key back so that the corrected request may use it. Raises IdempotencyKeyReused when the key came with
    another content.
    """
    with transaction.atomic():
        claimed = IdempotencyKey(user_id=user.pk, scope=scope, key=key, fingerprint=fingerprint)
        # ON CONFLICT DO NOTHING waits for a concurrent owner of the key; the row read below is then committed.
        IdempotencyKey.objects.bulk_create([claimed], ignore_conflicts=True)
        stored = IdempotencyKey.objects.select_for_update().get(user_id=user.pk, scope=scope, key=key)
        if stored.fingerprint != fingerprint:
            raise IdempotencyKeyReused
        if stored.status is not None:
            return Answer(stored.status, stored.answer, repeated=True)
        answer = run()
        stored.status, stored.answer = answer.status, answer.body
        stored.save(update_fields=["status", "answer"])
        return answer


def forget_old_keys(*, at: dt.datetime) -> int:
    """Delete keys older than two days and return how many."""
    return IdempotencyKey.objects.filter(created_at__lt=at - KEPT_FOR).delete()[0]
