"""What machines that watch are told."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import RequestFactory

from loudou.config import health


def readiness(monkeypatch=None) -> tuple[int, bytes]:
    """Ask a fresh process whether it can serve."""
    middleware = health.HealthMiddleware(lambda request: HttpResponse(status=418))
    answer = middleware(RequestFactory().get("/readyz"))
    return answer.status_code, answer.content


def worker_beat(ago: dt.timedelta) -> None:
    """Let a worker have been alive some time ago."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s)", [ago])


@pytest.mark.django_db
def test_ready_means_database_migrations_and_worker():
    worker_beat(dt.timedelta(seconds=5))
    assert readiness() == (200, b'{"database": true, "migrations": true, "worker": true}')


@pytest.mark.django_db
def test_a_worker_that_fell_silent_is_noticed():
    worker_beat(dt.timedelta(minutes=5))
    assert readiness() == (503, b'{"database": true, "migrations": true, "worker": false}')


@pytest.mark.django_db
def test_a_missing_migration_is_noticed(monkeypatch):
    monkeypatch.setattr(health, "is_migrated", lambda: False)
    assert readiness() == (503, b'{"database": true, "migrations": false, "worker": false}')


def test_without_a_database_the_answer_comes_all_the_same(monkeypatch):
    def refuse() -> None:
        raise OperationalError

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    assert readiness() == (503, b'{"database": false, "migrations": false, "worker": false}')


def test_being_alive_needs_no_database(client):
    assert client.get("/healthz", headers={"host": "10.1.2.3"}).content == b"ok\n"
