"""Commission that follows cash: what booking, receipts, refunds and write-offs earn, release and take back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Kind = Literal["receipt", "refund", "write_off"]


@dataclass(frozen=True, slots=True)
class CommissionTerms:
    """What booking fixed: the rate, the share paid at booking, and the share held back until the order is closed.

    All three are between 0 and 1. The rate is remembered per order: attainment moves later orders, not this one.
    """

    rate: Decimal
    at_booking: Decimal = Decimal(0)
    holdback: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        """Raise ValueError for a share outside 0 to 1."""
        for name in ("rate", "at_booking", "holdback"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must lie between 0 and 1, not {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class CashEvent:
    """Money of an order, net of tax and in the order's currency: received, paid back, or given up as lost."""

    kind: Kind
    amount: Decimal


@dataclass(frozen=True, slots=True)
class CommissionEntry:
    """A line of the ledger: which event caused it (0 is booking, 1 the first event) and what it pays or takes back."""

    cause: int
    amount: Decimal


def commission_ledger(
    ordered: Decimal, events: Sequence[CashEvent], terms: CommissionTerms, *, digits: int = 2
) -> tuple[CommissionEntry, ...]:
    """Return what each event pays; entries of nothing are left out.

    At any time the sum of entries is `rate x (at_booking x (ordered - written off) + (1 - at_booking) x collected)`,
    less the holdback until everything is collected or written off, rounded once to `digits`: entries are differences of
    rounded sums, so that they add up to the cent. Once closed this is `rate x collected`, however it was split.
    Money beyond the order earns nothing; a receipt after a write-off takes the write-off back as far as it goes.
    Raises ValueError for an amount below zero, a refund of more than was received and a write-off of more than is owed.
    Source: section 6.6 of the formulas; golden: 10,000 at 10 %, half at booking, second half written off, leaves 500.
    """
    if ordered < 0:
        raise ValueError(f"an order cannot be worth {ordered}")
    received, lost, paid = Decimal(0), Decimal(0), Decimal(0)
    entries = []
    for cause, event in enumerate((None, *events)):
        if event is not None:
            received, lost = _after(event, ordered, received, lost)
        earned = _earned(ordered, min(received, ordered), lost, terms).quantize(
            Decimal(1).scaleb(-digits), ROUND_HALF_UP
        )
        if earned != paid:
            entries.append(CommissionEntry(cause, earned - paid))
            paid = earned
    return tuple(entries)


def _after(event: CashEvent, ordered: Decimal, received: Decimal, lost: Decimal) -> tuple[Decimal, Decimal]:
    """What was received and what is written off after the event."""
    if event.amount < 0:
        raise ValueError(f"a {event.kind} cannot be {event.amount}: its kind says the direction")
    if event.kind == "receipt":
        received += event.amount
        return received, min(lost, max(ordered - received, Decimal(0)))
    if event.kind == "refund":
        if event.amount > received:
            raise ValueError(f"{event.amount} cannot be paid back of {received} received")
        return received - event.amount, lost
    if event.amount > ordered - received - lost:
        raise ValueError(f"{event.amount} cannot be written off: {ordered - received - lost} is owed")
    return received, lost + event.amount


def _earned(ordered: Decimal, collected: Decimal, lost: Decimal, terms: CommissionTerms) -> Decimal:
    whole = terms.rate * (terms.at_booking * (ordered - lost) + (1 - terms.at_booking) * collected)
    return whole if collected + lost >= ordered else whole * (1 - terms.holdback)
