"""Clockwork of the core."""

from procrastinate.contrib.django import app

from loudou.core import clock
from loudou.core.services.idempotency import forget_old_keys


@app.periodic(cron="40 2 * * *")
@app.task(queue="core", queueing_lock="core.forget_old_keys", name="core.forget_old_keys", pass_context=False)
def forget_keys(timestamp: int) -> None:
    """Forget requests whose repetition is no longer expected."""
    forget_old_keys(at=clock.now())
