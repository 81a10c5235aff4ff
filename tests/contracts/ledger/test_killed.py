"""Application and database are killed while they post: afterwards every balance follows from the entries."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from loudou.contracts.models import Allocation, Instalment, Receipt
from loudou.core import postgres

from .world import part

SOURCES = Path(__file__).resolve().parents[3] / "src"
POSTER = """
import sys, django
from django.conf import settings
place = {place!r}
settings.DATABASES["default"].update(place)
django.setup()
import datetime as dt
from decimal import Decimal
from loudou.contracts.services import receipts, refunds
from loudou.contracts.services.ledger_drafts import ReceiptDraft, RefundDraft
from loudou.core.actors import SYSTEM
at = dt.datetime(2026, 6, 15, 8, tzinfo=dt.UTC)
for number in range(100000):
    draft = ReceiptDraft({customer}, Decimal("3.33"), at.date(), key="{name}-%d" % number)
    receipt = receipts.post_receipt(SYSTEM, draft, at=at)
    if number % 3 == 0:
        refunds.refund_receipt(SYSTEM, RefundDraft(receipt.pk, Decimal("1.11"), at.date(), "Too much"), at=at)
    print(number, flush=True)
"""

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def poster(place: dict[str, object], customer_id: int, name: str) -> subprocess.Popen[bytes]:
    """Another process that posts receipts and refunds as fast as it can."""
    code = POSTER.format(place=place, customer=customer_id, name=name)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "loudou.config.settings", "PYTHONPATH": str(SOURCES)}
    return subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def wait_for(process: subprocess.Popen[bytes], posted: int) -> None:
    """Wait until so many receipts were posted."""
    for _ in range(posted):
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said.strip().isdigit(), said + process.stdout.read()


def test_a_killed_application_leaves_no_half_posting(signed, customer, findings):
    contract = signed(100_000, plan=[part(40, "02-01"), part(60, "03-01"), part(99_900, "05-01")])
    place = {name: connection.settings_dict[name] for name in ("NAME", "HOST", "PORT", "USER", "PASSWORD")}
    workers = [poster(place, customer.pk, name) for name in ("a", "b")]
    for worker in workers:
        wait_for(worker, 15)
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
    deadline = time.monotonic() + 30
    while _others_are_busy() and time.monotonic() < deadline:
        time.sleep(0.1)
    posted = Receipt.objects.count()
    assert posted >= 30
    paid = sum(Instalment.objects.filter(contract=contract).values_list("allocated", flat=True))
    refunded = sum(Receipt.objects.values_list("refunded", flat=True))
    assert paid == posted * Decimal("3.33") - refunded
    assert findings() == []


def _others_are_busy() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND state <> 'idle'"
        )
        return bool(cursor.fetchone()[0])


def test_a_killed_database_comes_back_with_books_that_close(signed, customer, open_folder):
    signed(100_000, plan=[part(40, "02-01"), part(60, "03-01"), part(99_900, "05-01")])
    with postgres.running(open_folder / "home") as server:
        _copy_test_database_to(server)
        place = {"NAME": "loudou", "HOST": str(server.socket), "PORT": "", "USER": "loudou", "PASSWORD": ""}
        worker = poster(place, customer.pk, "c")
        wait_for(worker, 20)
        os.kill(int((server.data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
        worker.communicate(timeout=60)
        server.revive()
        posted = _sentence(server, "SELECT count(*) FROM contracts_receipt")
        assert posted >= 20
        assert _check(place) == ""
        # The books go on where they stood.
        again = poster(place, customer.pk, "c")
        wait_for(again, int(posted) + 5)
        again.kill()
        again.communicate()
        assert _check(place) == ""
    assert Allocation.objects.count() == 0


def _copy_test_database_to(server: postgres.Server) -> None:
    ours = connection.settings_dict
    tools = server.binaries
    dump = subprocess.run(
        [tools / "pg_dump", "-h", ours["HOST"], "-U", ours["USER"], "--no-owner", ours["NAME"]],
        capture_output=True, check=True,
    )  # fmt: skip
    subprocess.run(
        [tools / "psql", "-q", "-h", server.socket, "-U", "loudou", "-d", "loudou", "-v", "ON_ERROR_STOP=1"],
        input=dump.stdout, capture_output=True, check=True,
    )  # fmt: skip


def _sentence(server: postgres.Server, statement: str) -> int:
    with psycopg.connect(host=str(server.socket), user="loudou", dbname="loudou") as one:
        row = one.execute(statement).fetchone()
        assert row is not None
        return int(row[0])


def _check(place: dict[str, object]) -> str:
    """What `loudou check` finds in another database."""
    code = (
        "import django\nfrom django.conf import settings\n"
        f"settings.DATABASES['default'].update({place!r})\ndjango.setup()\n"
        "from loudou.core import checks\nchecks.load()\n"
        "names = [name for name in checks.CHECKS if name.startswith(('contracts.', 'customers.phase'))]\n"
        "assert len(names) > 10\n"
        "print(*[f'{c.name} {f.record}' for c, found in checks.run(names) for f in found], end='')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "loudou.config.settings", "PYTHONPATH": str(SOURCES)},
    )  # fmt: skip
    return done.stdout
