"""A list of a hundred thousand rows as a file: bounded memory, and the others are served meanwhile."""

import resource
import threading
import time

import pytest
from django.db import connection, connections

from loudou.customers.models import Customer
from loudou.people.models import AuditEntry

ROWS = 100_000
MEGABYTE = 1024

FILL = """
    INSERT INTO customers_customer (name, city, owner_id, created_at, updated_at, {others})
    SELECT 'Customer ' || n, 'Suzhou', %s, now(), now(), {values} FROM generate_series(1, %s) AS n
"""


def fill(owner):
    """Make the customers without asking the triggers: the audit of these rows is nobody's question here."""
    empty = Customer()
    columns = [
        field
        for field in Customer._meta.concrete_fields
        if not field.generated
        and field.column not in ("id", "name", "city", "owner_id", "created_at", "updated_at")
        and getattr(empty, field.attname) is not None
    ]
    statement = FILL.format(
        others=", ".join(field.column for field in columns), values=", ".join("%s" for _field in columns)
    )
    values = [getattr(empty, field.attname) for field in columns]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE customers_customer DISABLE TRIGGER USER")
        cursor.execute(statement, [owner.pk, *values, ROWS])
        cursor.execute("ALTER TABLE customers_customer ENABLE TRIGGER USER")
        cursor.execute("ANALYZE customers_customer")


def take(browser, file_format, result):
    """Download the list as a browser would, piece by piece, and keep only its size."""
    try:
        answer = browser.get("/customers/", {"export": file_format})
        result["status"] = answer.status_code
        result["bytes"] = sum(len(chunk) for chunk in answer.streaming_content)
        answer.close()
    finally:
        connections.close_all()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_hundred_thousand_rows_in_bounded_memory_while_others_are_served(client, make_user):
    """As XLSX, which costs most; CSV is sent while it is made."""
    owner, colleague = make_user("owner"), make_user("colleague")
    fill(owner)
    reader = client.as_(colleague)
    assert reader.get("/customers/").status_code == 200  # everything is loaded by now
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result: dict[str, int] = {}
    download = threading.Thread(target=take, args=(client.as_(owner), "xlsx", result))
    download.start()
    served = []
    while download.is_alive():
        began = time.monotonic()
        assert reader.get("/customers/").status_code == 200
        served.append(time.monotonic() - began)
        download.join(timeout=0.2)
    assert result["status"] == 200
    assert result["bytes"] > ROWS * 10
    assert len(served) >= 3
    assert sorted(served)[len(served) // 2] < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * MEGABYTE
    end = AuditEntry.objects.get(table_name="export_ended").after
    assert (end["outcome"], end["rows"], end["bytes"]) == ("finished", ROWS, result["bytes"])
