"""The language of the command line: that of the terminal."""

import gettext
from pathlib import Path

from django.utils.translation import to_locale

from loudou.config.env import terminal_language

_PACKAGE = Path(__file__).resolve().parents[2]
_spoken, _of_the_core = (
    gettext.translation("django", _PACKAGE / module / "locale", [to_locale(terminal_language())], fallback=True)
    for module in ("config", "core")
)
_spoken.add_fallback(_of_the_core)  # the embedded server's sentences

_ = _spoken.gettext
