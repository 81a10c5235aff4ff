"""The signing key: given by the operator, or made once and kept in the home folder. There is no default."""

import os
import secrets
from pathlib import Path

from loudou.config.env import Environment


def secret_key(env: Environment) -> str:
    """Return the signing key from the environment, a file, or LOUDOU_HOME/secret_key (created with mode 0600)."""
    if env.secret_key:
        return env.secret_key.get_secret_value()
    if env.secret_key_file:
        return env.secret_key_file.read_text().strip()
    return _kept(env.home / "secret_key")


def _kept(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    if not path.exists():
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)  # atomic: of two processes starting at once, one key wins
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
