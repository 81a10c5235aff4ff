"""Counts the SQL statements of pages: run as a process of its own, with the environment of the installation measured.

Reads a JSON list of [username, path] from standard input and prints a JSON list of numbers.
"""

from __future__ import annotations

import json
import sys

import django
from django.conf import settings


def main() -> None:
    """Count."""
    from loudou.config.env import choose_settings

    choose_settings()
    django.setup()
    settings.ALLOWED_HOSTS = ["testserver"]
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from loudou.people.models import User

    counts = []
    for username, path in json.load(sys.stdin):
        client = Client()
        client.force_login(User.objects.get(username=username))
        client.get(path)  # fills what a worker keeps for its lifetime
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
        counts.append(len(captured))
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
