"""Clockwork of customers: what the passing of days does to phases."""

from procrastinate.contrib.django import app

from loudou.core import audit, clock
from loudou.core.actors import SYSTEM
from loudou.customers.services.phases import follow_time


@app.periodic(cron="10 * * * *")
@app.task(queue="customers", queueing_lock="customers.follow_time", name="customers.follow_time", pass_context=False)
def follow(timestamp: int) -> None:
    """Move phases on the company's new day; hourly, because its midnight is not the server's."""
    with audit.source("job"):
        follow_time(SYSTEM, at=clock.now())
