"""Throwing away uploads that nobody finishes: they hold other people's names and money, and nobody waits for them."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction

from loudou.core.actors import Actor
from loudou.core.verbs import service
from loudou.exchange.models import ImportJob, StatementFile
from loudou.exchange.models.job import ImportJobQuerySet
from loudou.exchange.models.statement import StatementFileQuerySet
from loudou.exchange.services.uploads import throw_away


@service("exchange.import")
def sweep_unfinished(actor: Actor, *, at: dt.datetime) -> int:
    """Throw away imports and banks' files that were set up, never read in and not changed for the days of the settings.

    The lists say of each until when it is kept (`kept_until`). One that somebody is at work on right now stays.
    Returns how many went. For the clockwork.
    """
    changed_before = at - dt.timedelta(days=settings.UNFINISHED_UPLOAD_DAYS)
    waiting: tuple[ImportJobQuerySet | StatementFileQuerySet, ...] = (
        ImportJob.objects.unfinished(),
        StatementFile.objects.unfinished(),
    )
    swept = 0
    for rows in waiting:
        old = rows.filter(updated_at__lt=changed_before)
        for pk in list(old.order_by("pk").values_list("pk", flat=True)):
            with transaction.atomic():
                record = old.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
                if record is not None:
                    throw_away(record)
                    swept += 1
    return swept
