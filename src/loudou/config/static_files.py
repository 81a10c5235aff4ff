"""Static files as they are served: hashed names, compressed once, collected when the installed version changed."""

from __future__ import annotations

import fcntl
import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def collect(home: Path) -> bool:
    """Collect and compress the static files into STATIC_ROOT unless they are there; say whether there was work."""
    home.mkdir(parents=True, exist_ok=True)
    stamp_file = Path(settings.STATIC_ROOT) / ".stamp"
    with (home / ".static.turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # two starts at once: the second waits and finds nothing to do
        stamp = _stamp()
        if stamp_file.exists() and stamp_file.read_text() == stamp:
            return False
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp_file.write_text(stamp)
        return True


def _stamp() -> str:
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
