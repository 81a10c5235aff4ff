"""How gunicorn runs the pages; a Python file because gunicorn reads its settings from one."""

import gc
from pathlib import Path
from typing import Any

from loudou.config import logs
from loudou.config.env import environment
from loudou.config.parent import die_with_parent

_env = environment()

wsgi_app = "loudou.config.wsgi:application"
bind = f"{_env.host}:{_env.port}"
worker_class = "gthread"
workers = _env.workers
threads = _env.threads
preload_app = True  # the code is read once and shared by all workers
timeout = 120
graceful_timeout = 15
keepalive = 5
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - heartbeats need no disk
forwarded_allow_ips = ""  # loudou.config.transport alone decides whom to believe
no_control_socket = True
logconfig_dict = logs.settings(_env)


def on_starting(server: Any) -> None:
    """Do not outlive `loudou serve`."""
    die_with_parent()


def pre_fork(server: Any, worker: Any) -> None:
    """Keep what is loaded out of the garbage collector's way.

    Workers go on sharing its memory, and none stops for 200 ms to look through 400,000 things that never go away.
    """
    gc.collect()
    gc.freeze()
