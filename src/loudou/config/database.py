"""Where the database is."""

from typing import Any
from urllib.parse import unquote, urlsplit

from loudou.config.env import Environment
from loudou.core import postgres


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
    parts = urlsplit(str(env.database_url))
    return common | {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
    }
