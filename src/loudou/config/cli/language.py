"""The language of the command line: that of the terminal."""

import gettext
from pathlib import Path

from django.utils.translation import to_locale

from loudou.config.env import terminal_language

_LOCALE = Path(__file__).resolve().parent.parent / "locale"

_ = gettext.translation("django", _LOCALE, [to_locale(terminal_language())], fallback=True).gettext
