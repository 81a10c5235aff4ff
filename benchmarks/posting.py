"""One client that posts receipts: a process of its own, with the environment of the installation measured.

Reads {"what", "number", "client", "clients"} as JSON from standard input, says "ready", waits for a line, works, and
prints a JSON list of [began, seconds] for each piece of work. "post" is the service with automatic allocation; "insert"
the same rows into tables without triggers, indexes or keys; "select" a round trip.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import cycle, islice
from typing import Any

import django

BARE = {"bench_receipt": "contracts_receipt", "bench_allocation": "contracts_allocation"}
WARM_UP = 5
Act = Callable[[], object]


def main() -> None:
    """Work as told."""
    from loudou.config.env import choose_settings

    choose_settings()
    django.setup()
    wish = json.loads(sys.stdin.readline())
    kinds: dict[str, Callable[..., Iterator[Act]]] = {"post": posting, "insert": inserting, "select": selecting}
    acts = kinds[wish["what"]](wish["client"], wish["clients"])
    for act in islice(acts, WARM_UP):
        act()
    prepared = list(islice(acts, wish["number"]))
    print("ready", flush=True)
    sys.stdin.readline()
    taken = []
    for act in prepared:
        began = time.time()
        act()
        taken.append([began, time.time() - began])
    print(json.dumps(taken), flush=True)


def posting(client: int, clients: int) -> Iterator[Act]:
    """Post, for one customer after another, a quarter more than its oldest open instalment asks for."""
    from loudou.contracts.models import Instalment
    from loudou.contracts.services import receipts
    from loudou.contracts.services.ledger_drafts import ReceiptDraft
    from loudou.core import clock
    from loudou.people.models import User

    finance = User.objects.get(username="finance")
    rows = Instalment.objects.open().order_by("customer_id", "due_on").distinct("customer_id")
    owing = list(rows.values_list("customer_id", "open_amount"))[client::clients]
    for customer_id, amount in cycle(owing):
        now = clock.now()
        draft = ReceiptDraft(customer_id, amount * Decimal("1.25"), now.date(), currency="CNY", payer="Bench")

        def post(draft: ReceiptDraft = draft) -> object:
            return receipts.post_receipt(finance, draft, at=clock.now())

        yield post


def inserting(_client: int, _clients: int) -> Iterator[Act]:
    """Copy a receipt and two allocations into the bare tables, in one transaction."""
    from django.db import connection, transaction

    def insert() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_receipt SELECT * FROM contracts_receipt WHERE id = 1")
            cursor.execute("INSERT INTO bench_allocation SELECT * FROM contracts_allocation WHERE id IN (1, 2)")

    yield from cycle([insert])


def selecting(_client: int, _clients: int) -> Iterator[Act]:
    """Ask for nothing much."""
    from django.db import connection

    def select() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone()

    yield from cycle([select])


if __name__ == "__main__":
    main()
