"""Writing down what happened without changing a row: sign-ins, exports, imports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from loudou.core import audit
from loudou.core.actors import Actor
from loudou.people.choices import Operation
from loudou.people.models import AuditEntry


def record_event(
    actor: Actor | None,
    code: str,
    *,
    at: dt.datetime,
    details: Mapping[str, Any] | None = None,
    object_id: int | str | None = None,
) -> AuditEntry:
    """Write an event into the audit, such as `signed_in` or `exported`, with where it came from.

    `code` is one of `people.choices.EventCode`; `details` are facts as plain JSON values. Call it in the same
    transaction as what it speaks of. It asks for no permission: whatever is being recorded has already asked.
    """
    origin = audit.origin()
    return AuditEntry.objects.create(
        at=at,
        actor_id=actor.pk if actor else None,
        source=origin.get("source", ""),
        request_id=origin.get("request", ""),
        ip_address=origin.get("ip"),
        reason=origin.get("reason", ""),
        table_name=code,
        object_id=None if object_id is None else str(object_id),
        operation=Operation.EVENT,
        after=dict(details or {}),
    )
