"""A child process that ends when the process that started it ends, even when that was killed."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Ask Linux to send this process a SIGTERM when its parent dies; elsewhere children outlive a killed parent."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died just before we asked
        os.kill(os.getpid(), signal.SIGTERM)
