"""Acts of several people at the same moment, with real threads and real transactions."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, connection

from loudou.core.refusals import BusinessRefusal


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run acts in threads that start together; return what each returned, or the code or constraint that refused it."""
    start = threading.Barrier(len(acts))
    answers: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            start.wait(60)
            answers[place] = act()
        except BusinessRefusal as refusal:
            answers[place] = refusal.code
        except IntegrityError as error:
            answers[place] = error.__cause__.diag.constraint_name
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    return answers
