"""Our bank accounts are known by what people call them; two spellings of one are one account."""

from __future__ import annotations

import re
import unicodedata

_DRESS = re.compile(r"[\s\-‐‑‒–—―−_.·•,，、/]+")


def account_key(name: str) -> str:
    """The normal form of an account's name: width, case, blanks, dashes, dots and slashes do not count.

    Stars do, because banks mask digits with them: `**** 8899` and `8899` may be two accounts.
    """
    return _DRESS.sub("", unicodedata.normalize("NFKC", name)).casefold()
