"""The product's settings with what tests need instead: a server and a home of their own, a fast hasher."""

import atexit
import os
from pathlib import Path

os.environ.setdefault("LOUDOU_HOME", str(Path(__file__).resolve().parent.parent / ".cache" / "tests"))
os.environ.setdefault("LOUDOU_LOG_LEVEL", "WARNING")

from loudou.config.env import environment
from loudou.core import postgres

if environment().database_url is None:
    # Every test process holds the server; the last one to leave stops it.
    atexit.register(postgres.start(environment().home).stop)

from loudou.config.settings import *  # noqa: F403

# Tests with real transactions are cleaned up by TRUNCATE, which the history of an installation refuses.
DATABASES["default"]["OPTIONS"]["options"] = "-c loudou.allow_truncate=on"  # noqa: F405

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True  # static files straight from the tree, nothing to collect
