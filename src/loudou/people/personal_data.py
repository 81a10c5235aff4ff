"""Personal data of contacts among users, sign-ins, the audit, and what the frame and the libraries keep."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence

from loudou.core.blackening import MARK, blacken
from loudou.core.models import IdempotencyKey
from loudou.core.personal_data import OUR_OWN, Person, Place, Treatment, declare, keep

declare(
    "core.company",
    plain=(
        "name", "credit_code", "address", "phone", "representative", "bank_name", "bank_account", "base_currency",
        "time_zone",
    ),
    because=OUR_OWN,
)  # fmt: skip
declare("core.exchangerate", plain=("currency",))
declare("core.tablerevision", plain=("table_name",))
declare("core.idempotencykey", plain=("scope", "key", "fingerprint"), handled=("answer",))

declare("people.user", plain=(
    "password", "username", "name", "email", "phone", "title", "external_id", "search_text"
), because=OUR_OWN)  # fmt: skip
declare("people.team", plain=("name", "region"), because=OUR_OWN)
declare("people.membership")
declare("people.apitoken", plain=("name", "prefix", "digest", "scopes"), because=OUR_OWN)
declare("people.externalidentity", plain=("issuer", "subject"), because=OUR_OWN)
declare("people.recoverycode", plain=("digest",), because=OUR_OWN)
declare("people.secondfactor", plain=("secret",), because=OUR_OWN)
declare("people.signinattempt", plain=("account",), because=OUR_OWN)
# A session holds who signed in and how, and ends by itself; what pages remember lies in addresses and saved views.
declare("people.session", plain=("session_key", "session_data", "user_agent"), because=OUR_OWN)
declare("people.notification", searched=("facts",))
declare("people.savedview", plain=("page", "columns"), searched=("name", "query"))
declare(
    "people.auditentry",
    plain=("source", "request_id", "table_name", "object_id", "whole"),
    handled=("reason", "before", "after"),
    derived=("search_text",),
)

declare("auth.group", plain=("name",))
declare("auth.permission", plain=("name", "codename"))
declare("contenttypes.contenttype", plain=("app_label", "model"))
# Arguments of background jobs are ids.
declare("procrastinate.procrastinatejob", plain=("queue_name", "task_name", "lock", "args", "queueing_lock"))
declare("procrastinate.procrastinateevent")
declare("procrastinate.procrastinateworker")
declare("procrastinate.procrastinateperiodicdefer", plain=("task_name", "periodic_id"))


def answers_about(person: Person) -> Iterator[Place]:
    """Answers to requests of the last two days that name the person."""
    rows = IdempotencyKey.objects.exclude(answer=None).extra(where=["answer::text ~* %s"], params=[person.pattern])
    for row in rows.order_by("pk"):
        text = json.dumps(row.answer, ensure_ascii=False)
        if person.finds.search(text):
            sure = bool(person.identifies.search(text)) or _is_about(row.answer, person)
            yield Place("core.idempotencykey", row.pk, "answer", Treatment.SEARCHED, text[:200], sure)


def erase_answers(person: Person, places: Sequence[Place], at: dt.datetime) -> None:
    """Blacken the answers: every text of the contact's own fields too, which mean the person only beside the name."""
    for row in IdempotencyKey.objects.select_for_update().filter(pk__in=[place.pk for place in places]):
        row.answer = _without_values(blacken(row.answer, person.finds), person.values)
        row.save(update_fields=["answer"])


def _is_about(answer: object, person: Person) -> bool:
    return isinstance(answer, dict) and answer.get("id") == person.contact_id and "do_not_mail" in answer


def _without_values(answer: object, values: frozenset[str]) -> object:
    if isinstance(answer, str):
        return MARK if answer in values else answer
    if isinstance(answer, list):
        return [_without_values(item, values) for item in answer]
    if isinstance(answer, dict):
        return {key: _without_values(item, values) for key, item in answer.items()}
    return answer


keep("core.idempotencykey", find=answers_about, erase=erase_answers)
