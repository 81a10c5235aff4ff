"""What the tests of the API share with those of the pipeline, and a program with a token."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.utils import timezone
from tests.conftest import ApiClientOf
from tests.pipeline.conftest import (  # noqa: F401 - fixtures
    at,
    customer,
    deal,
    dollars,
    findings,
    kinds,
    make,
    process,
    product,
    reason,
    rival,
    stages,
)

from loudou.people.models import User
from loudou.people.services.tokens import create_token


@pytest.fixture
def with_token() -> Callable[..., ApiClientOf]:
    """A program that acts for a user: `with_token(owner)`, or with some scopes only."""

    def make_client(user: User, scopes: Iterable[str] | None = None, **headers: Any) -> ApiClientOf:
        moment = timezone.now()
        _token, secret = create_token(
            user,
            name="test",
            scopes=user.permissions if scopes is None else scopes,
            expires_at=moment + dt.timedelta(days=1),
            at=moment,
        )
        client = ApiClientOf()
        client.defaults |= {"HTTP_AUTHORIZATION": f"Bearer {secret}", **headers}
        return client

    return make_client
