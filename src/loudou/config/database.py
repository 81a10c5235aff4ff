"""Where the database is."""

from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from loudou.config.env import Environment
from loudou.core import postgres

PARTS = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}


def settings(env: Environment) -> dict[str, Any]:
    """Django's database settings: LOUDOU_DATABASE_URL when set, else the embedded server's socket in LOUDOU_HOME."""
    common: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        # Each server thread keeps its own connection. There is no pool in between: threads never outnumber
        # connections, and after a restart of the database the very next request is served.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {"connect_timeout": 5, "application_name": "loudou"},
    }
    if env.database_url is None:
        return common | {"NAME": postgres.NAME, "USER": postgres.NAME, "HOST": str(postgres.socket_folder(env.home))}
    # libpq's own reading: a socket folder as the host, `?sslmode=verify-full` and the like mean what they mean there.
    parts = conninfo_to_dict(str(env.database_url))
    own = {name: str(parts.pop(key, "") or "") for name, key in PARTS.items()}
    return common | own | {"OPTIONS": common["OPTIONS"] | parts}


def embedded_folder(env: Environment) -> Path | None:
    """The folder of the embedded database; None when the database is a server of one's own."""
    return env.home / "pg" if env.database_url is None else None
