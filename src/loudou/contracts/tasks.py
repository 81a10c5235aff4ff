"""Clockwork of contracts: what is delivered, accepted and paid is complete."""

from procrastinate.contrib.django import app

from loudou.contracts.services.completion import complete_finished
from loudou.core import audit, clock
from loudou.core.actors import SYSTEM


@app.periodic(cron="25 3 * * *")
@app.task(queue="contracts", queueing_lock="contracts.complete", name="contracts.complete", pass_context=False)
def complete(timestamp: int) -> None:
    """Complete what completed itself while somebody else held the contract."""
    with audit.source("job"):
        complete_finished(SYSTEM, at=clock.now())
