"""Opening and posting to screens of the ledger, as its tests do."""

from __future__ import annotations

from typing import Any

from django.urls import reverse


def address(name: str, *args: Any) -> str:
    """Address of a screen of the ledger."""
    return reverse(f"ledger:{name}", args=args)


def page_of(response: Any, status: int = 200) -> str:
    """The text of an answer with this status."""
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


def post(client: Any, name: str, *args: Any, **facts: Any) -> Any:
    """Post a form that leads elsewhere when it is carried out."""
    answer = client.post(address(name, *args), facts)
    assert answer.status_code == 302, answer.content.decode()
    return answer
