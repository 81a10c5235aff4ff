"""Clockwork: every night Loudou learns from the history again."""

from procrastinate.contrib.django import app

from loudou.core import audit, clock
from loudou.core.actors import SYSTEM


@app.periodic(cron="20 3 * * *")
@app.task(queue="insights", queueing_lock="insights.learn", pass_context=False)
def learn(timestamp: int) -> None:
    """Recompute learned win rates and times; `timestamp` is the planned time and is not needed."""
    # Imported only now: the statistics libraries would cost every web process seconds of start and much memory.
    from loudou.insights.services.learning import learn_from_history

    with audit.source("job"):
        learn_from_history(SYSTEM, at=clock.now())
