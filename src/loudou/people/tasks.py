"""Work that people wait for elsewhere: mails. And clockwork: old notifications."""

from __future__ import annotations

import datetime as dt

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from loudou.core import clock
from loudou.people.services import password_links
from loudou.people.services.notifications import sweep_notifications

QUEUE = "mail"


@app.task(queue=QUEUE, name="people.mail_password_link", retry=RetryStrategy(max_attempts=5, exponential_wait=5))
def mail_password_link(user_id: int | None, page: str) -> None:
    """Send the link; a job without a user does nothing, so that known and unknown names cost the same."""
    if user_id is not None:
        password_links.mail_password_link(user_id, page=page, at=clock.now())


def ask_for_password_link(name: str, *, page: str, address: str | None, at: dt.datetime) -> None:
    """Let a worker mail a link to whoever has this name or mail address, if anybody has. Raises TooManyAttempts."""
    user = password_links.find_forgetful(name, address=address, at=at)
    mail_password_link.defer(user_id=user.pk if user else None, page=page)


@app.periodic(cron="55 2 * * *")
@app.task(
    queue="core", queueing_lock="people.sweep_notifications", name="people.sweep_notifications", pass_context=False
)
def sweep(timestamp: int) -> None:
    """Throw away what everybody has read long ago."""
    sweep_notifications(at=clock.now())
