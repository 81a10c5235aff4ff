"""Telling people what concerns them, and noting that they have read it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from loudou.core.actors import Actor
from loudou.core.verbs import lock, service
from loudou.people.choices import NotificationCode
from loudou.people.models import Notification, User

KEPT = dt.timedelta(days=90)
"""How long a notification stays after it happened, once it has been read."""


def notify(
    actor: Actor,
    recipient_ids: Iterable[int | None],
    code: NotificationCode,
    *,
    at: dt.datetime,
    record_id: int | None = None,
    **facts: Any,
) -> int:
    """Tell people what the actor did; returns how many were told. Nobody is told of their own acts, nor told twice.

    `facts` fill the sentence of `code` and are plain JSON values; `record_id` is the record that it leads to. Call it
    in the transaction of what it speaks of, once for an act however many rows that touched: one statement, none when
    nobody is left to tell. It asks for no permission: whatever is told of has already asked.
    """
    told = sorted({pk for pk in recipient_ids if pk is not None and pk != actor.pk})
    rows = [
        Notification(recipient_id=pk, actor_id=actor.pk, code=code, facts=facts, record_id=record_id, at=at)
        for pk in told
    ]
    return len(Notification.objects.bulk_create(rows))


@service("people.own")
def read_notification(actor: User, notification_id: int, *, at: dt.datetime) -> Notification:
    """Note that the actor has read a notification; read again, the first time stays. Raises NotVisible."""
    row = lock(Notification.objects.visible_to(actor), notification_id)
    if row.read_at is None:
        row.read_at = at
        row.save(update_fields=["read_at"])
    return row


@service("people.own")
def read_all_notifications(actor: User, *, at: dt.datetime) -> int:
    """Note that the actor has read everything there is; returns how many were unread."""
    return Notification.objects.visible_to(actor).unread().update(read_at=at)


def sweep_notifications(*, at: dt.datetime) -> int:
    """Delete what is older than `KEPT` and read, or told to somebody who may no longer sign in; returns how many."""
    done_with = Q(read_at__isnull=False) | Q(recipient__is_active=False)
    deleted, _by_model = Notification.objects.filter(done_with, at__lt=at - KEPT).delete()
    return deleted
