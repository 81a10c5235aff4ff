"""Two addresses for machines that watch: is the process alive, and can it serve?

They are answered before anything else, whatever host name the watcher uses, and need no sign-in.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

_IS_WORKER_ALIVE = """
    SELECT coalesce(max(last_heartbeat) > now() - interval '60 seconds', false) FROM procrastinate_workers
"""


class HealthMiddleware:
    """Answer `/healthz` (the process is alive; no database) and `/readyz` (200 when everything works, else 503)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.is_migrated = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the two addresses; pass everything else on."""
        if request.path == "/healthz":
            return HttpResponse("ok\n", content_type="text/plain")
        if request.path == "/readyz":
            state = self.state()
            answer = JsonResponse(state, status=200 if all(state.values()) else 503)
            answer._has_been_logged = True  # type: ignore[attr-defined]  # "not yet" is an answer, not an error
            return answer
        return self.get_response(request)

    def state(self) -> dict[str, bool]:
        """Say what works: the database answers, its tables are up to date, a worker for background jobs is alive."""
        state = {"database": False, "migrations": False, "worker": False}
        try:
            connection.ensure_connection()
            # Migrations are applied before a new version serves, so once they were complete they stay so.
            self.is_migrated = self.is_migrated or is_migrated()
            state |= {"database": True, "migrations": self.is_migrated}
            if self.is_migrated:
                with connection.cursor() as cursor:
                    cursor.execute(_IS_WORKER_ALIVE)
                    state["worker"] = bool(cursor.fetchone()[0])
        except DatabaseError:
            connection.close()
        return state


def is_migrated() -> bool:
    """Tell whether every migration is applied. Loads all of them: half a second of work."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
