"""Clockwork of the pipeline: rates entered in advance come into force when their day does."""

from zoneinfo import ZoneInfo

from procrastinate.contrib.django import app

from loudou.core import audit, clock
from loudou.core.actors import SYSTEM
from loudou.core.rates import company
from loudou.pipeline.services.rates import revalue_open_opportunities


@app.periodic(cron="5 * * * *")
@app.task(queue="pipeline", queueing_lock="pipeline.revalue", name="pipeline.revalue", pass_context=False)
def revalue(timestamp: int) -> None:
    """Bring open base amounts to the rates of the company's day; hourly, because its midnight is not the server's."""
    today = clock.now().astimezone(ZoneInfo(company().time_zone)).date()
    with audit.source("job"):
        revalue_open_opportunities(SYSTEM, today=today)
