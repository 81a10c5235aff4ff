"""The worked example of docs/algorithms/phase.md, replayed."""

import datetime as dt

from loudou.customers.choices import EvidenceKind as Kind
from loudou.customers.phase_history import Event, replay
from loudou.customers.phases import EvidenceSubject, PhasePolicy, Truth

DEAL, CONTRACT = EvidenceSubject("pipeline.opportunity", 1), EvidenceSubject("contracts.contract", 1)
FIRST, SECOND = EvidenceSubject("contracts.instalment", 1), EvidenceSubject("contracts.instalment", 2)
SEGMENT = EvidenceSubject("customers.segment", 1)


def day(month, number):
    return dt.date(2026, month, number)


def event(on, kind, subject, due=None, settled=None):
    at = dt.datetime.combine(on, dt.time(12), dt.UTC)
    return Event(at, on, Truth(kind, subject, at, due, settled), True, 0)


def test_the_worked_example_of_the_documentation():
    events = [
        event(day(1, 1), Kind.SEGMENT_MATCH, SEGMENT),
        event(day(1, 5), Kind.NEED_VERIFIED, DEAL),
        event(day(2, 1), Kind.INTENT, DEAL, day(7, 1)),
        event(day(5, 20), Kind.INTENT, DEAL, day(7, 1), day(5, 20)),
        event(day(5, 20), Kind.CONTRACT_SIGNED, CONTRACT),
        event(day(5, 20), Kind.INSTALMENT, FIRST, day(5, 30)),
        event(day(5, 20), Kind.INSTALMENT, SECOND, day(6, 30)),
        event(day(5, 28), Kind.FIRST_INSTALMENT_RECEIVED, CONTRACT),
        event(day(5, 28), Kind.INSTALMENT, FIRST, day(5, 30), day(5, 28)),
        event(day(7, 9), Kind.INSTALMENT, SECOND, day(6, 30), day(7, 9)),
        event(day(8, 1), Kind.REFUNDED, CONTRACT),
    ]
    steps = [(step.day, int(step.phase)) for step in replay(events, PhasePolicy(), until=day(12, 31))]
    assert steps == [
        (day(1, 1), 1),
        (day(1, 5), 2),
        (day(4, 2), 3),
        (day(5, 28), 5),
        (day(7, 1), 4),
        (day(8, 1), 3),
        (day(8, 19), 2),
    ]
