"""Clockwork of customers: what the passing of days and new rules do to phases."""

from procrastinate.contrib.django import app

from loudou.core import audit, clock
from loudou.core.actors import SYSTEM
from loudou.customers.services.phases import follow_time
from loudou.customers.services.rules import follow_new_rules


@app.periodic(cron="10 * * * *")
@app.task(queue="customers", queueing_lock="customers.follow_time", name="customers.follow_time", pass_context=False)
def follow(timestamp: int) -> None:
    """Move phases on the company's new day; hourly, because its midnight is not the server's."""
    with audit.source("job"):
        follow_time(SYSTEM, at=clock.now())


@app.task(queue="customers", queueing_lock="customers.follow_rules", name="customers.follow_rules")
def follow_rules(actor_id: int | None) -> None:
    """Move phases by the thresholds that somebody set."""
    with audit.source("job"):
        follow_new_rules(SYSTEM, at=clock.now(), actor_id=actor_id)
