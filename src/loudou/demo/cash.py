"""From won sales to money: the contracts of the last year and a half, played day by day through the real services."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from django.db import connection
from django.utils import translation

from loudou.contracts.models import Contract, Delivery, Invoice, Receipt
from loudou.core import audit
from loudou.core.actors import SYSTEM
from loudou.core.kept import one_reading
from loudou.customers.models import Customer
from loudou.customers.services.rules import update_rules
from loudou.demo.agenda import Agenda, instant
from loudou.demo.agreements import won_deals
from loudou.demo.amending import Amendments
from loudou.demo.offers import MAX_DISCOUNT, Offers
from loudou.demo.payers import GRACE_DAYS, Habit, draw_habits
from loudou.demo.payments import Payments
from loudou.demo.performance import Performance
from loudou.demo.words import Teller
from loudou.people.models import User

LATE_COUNTS_DAYS = 365
COUNTED = (Contract, Delivery, Invoice, Receipt)


def play(
    random: Random, tell: Teller, *, project_process_id: int, start: dt.date, today: dt.date
) -> tuple[dict[str, int], dict[int, Habit]]:
    """Play the contracts of won and of open sales; return how many rows there are by table, and who pays how.

    What is recorded stands as if it had been recorded on its day, by the people of the office. The phases that follow
    are told when the rest of the history is (`evidence.tell_all`).
    """
    people: dict[str, Any] = User.objects.in_bulk(["operations", "finance", "executive"], field_name="username")
    habits = draw_habits(random, Customer.objects.values_list("pk", flat=True))
    agenda = Agenda()
    payments = Payments(random, tell, agenda, people["finance"])
    amendments = Amendments(tell, agenda, people["operations"], payments, today=today)
    performance = Performance(random, tell, agenda, people["operations"], payments=payments, amendments=amendments)
    with translation.override("zh-hans" if tell.is_chinese else "en"):
        changes = {"max_discount_rate": MAX_DISCOUNT, "grace_days": GRACE_DAYS, "late_counts_days": LATE_COUNTS_DAYS}
        update_rules(SYSTEM, changes=changes, at=instant(start))  # type: ignore[arg-type]
        for deal in won_deals(random, habits, project_process_id=project_process_id, today=today):
            performance.begin(deal)
        Offers(tell, agenda, people["executive"], today=today).begin()
        with one_reading():  # nobody changes rules, rates or the company meanwhile
            agenda.live_through(today)
    with connection.cursor() as cursor:  # what is only checked at the end is checked here, where it can be told
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    audit.bind(SYSTEM)
    return {model._meta.db_table: model._default_manager.count() for model in COUNTED}, habits
