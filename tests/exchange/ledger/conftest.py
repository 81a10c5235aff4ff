"""Contracts, plans, receipts and invoices as files, loaded with the rights of operations and finance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from loudou.core import checks
from loudou.customers.models import Customer
from loudou.exchange.models import ImportJob
from loudou.exchange.services import jobs, running
from loudou.people.models import User

from ..conftest import AT

CONTRACTS = """contract no,account,title,type,status,signed on,amount,tax rate,ended on,sales rep
HT-1,Hengda Steel,Two presses,goods,completed,2025-01-10,226000,13%,2025-12-20,owner
HT-2,Hengda Steel,Maintenance,service,in progress,2025-06-01,60000,6%,,owner
HT-3,Bolt Works,Press,goods,terminated,2025-03-01,113000,13%,2025-05-01,owner
HT-4,Bolt Works,Second press,goods,draft,,113000,13%,,owner
"""
PLANS = """contract no,no,instalment,amount,percent,due,condition,months after,retention
HT-1,1,Deposit,,30%,2025-01-20,,,
HT-1,2,On delivery,,60%,2025-03-15,,,
HT-1,3,Retention,,10%,2026-03-15,,,yes
HT-2,2,Second half,30000,,2025-12-01,,,
HT-2,1,First half,30000,,,signature,1,
HT-4,1,All of it,,100%,,delivery,,
"""
RECEIPTS = """receipt no,account,contract,date,amount,method,instalment,maturity,honoured on,refund of,remarks
R-1,Hengda Steel,HT-1,2025-01-18,67800,wire,1,,,,
R-2,Hengda Steel,HT-1,2025-03-20,150000,draft,,2025-09-20,2025-09-21,,
R-3,,HT-2,2025-07-05,20000,cash,,,,,
R-4,Hengda Steel,,2025-08-01,15000,,,,,,
R-5,Hengda Steel,,2025-10-01,-5000,,,,,R-4,Paid twice
"""
INVOICES = """invoice no,contract,date,amount,type,corrects,remarks
F-1,HT-1,2025-03-16,100000,special,,
F-2,HT-1,2025-04-16,,special,,
F-3,HT-1,2025-05-02,-40000,,F-1,Wrong title
F-4,HT-2,2025-07-01,30000,ordinary,,
"""


@pytest.fixture(autouse=True)
def companies(frozen: Any, owner: User) -> None:
    """Two customers of the owner."""
    for name in ("Hengda Steel", "Bolt Works"):
        Customer.objects.create(name=name, owner=owner)


@pytest.fixture
def settled(db: None) -> Callable[[], None]:
    """Let the database check what it checks when a transaction ends."""

    def settle() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    return settle


@pytest.fixture
def findings(settled: Callable[[], None], db: None) -> Callable[[], list[str]]:
    """Tell what `loudou check` has to say about contracts, money and phases."""

    def tell() -> list[str]:
        settled()
        checks.load()
        names = [name for name in checks.CHECKS if name.startswith(("contracts.", "customers.phase"))]
        names += ["customers.standing_evidence"]
        return [f"{check.name}: {finding.record}" for check, found in checks.run(names) for finding in found]

    return tell


@pytest.fixture
def bring(load: Callable[..., ImportJob], operations: User, finance: User) -> Callable[..., ImportJob]:
    """Load one kind with the rights of whoever does that: `bring("receipts", RECEIPTS)`."""

    def bring_kind(kind: str, text: str, **facts: Any) -> ImportJob:
        actor = operations if kind in ("contracts", "payment_plans") else finance
        return load(kind, text, actor=actor, **facts)

    return bring_kind


@pytest.fixture
def everything(bring: Callable[..., ImportJob]) -> dict[str, ImportJob]:
    """All four files, in order."""
    files = {"contracts": CONTRACTS, "payment_plans": PLANS, "invoices": INVOICES, "receipts": RECEIPTS}
    return {kind: bring(kind, text) for kind, text in files.items()}


@pytest.fixture
def undo(administrator: User, settled: Callable[[], None]) -> Callable[[ImportJob], ImportJob]:
    """Take an import back."""

    def take_back(job: ImportJob) -> ImportJob:
        settled()
        jobs.request_undo(administrator, job.pk, at=AT)
        running.work_on(job.pk, now=lambda: AT)
        return ImportJob.objects.get(pk=job.pk)

    return take_back
