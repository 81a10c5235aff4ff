"""Keeps browser sessions in the database, with whose they are beside them, so that they can be listed and ended."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from loudou.people.models import Session

SIGNED_IN_AT, SEEN_AT, ADDRESS, AGENT = "signed_in_at", "seen_at", "address", "agent"


class SessionStore(DatabaseStore):
    """Django's database store, writing the facts of the sign-in into columns of their own."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return our model."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Copy what a person may know about their sessions out of the encoded contents."""
        row = cast("Session", super().create_model_instance(data))
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.ip_address = data.get(ADDRESS)
        row.user_agent = str(data.get(AGENT, ""))[:300]
        row.signed_in_at = _instant(data.get(SIGNED_IN_AT))
        row.seen_at = _instant(data.get(SEEN_AT))
        return row


def _instant(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
