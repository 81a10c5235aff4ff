"""Our bank accounts are known by what people call them; two spellings of one are one account."""

from __future__ import annotations

import re
import unicodedata

from django.db.models import F, Func, Value
from django.db.models.functions import Lower

_DRESS = r"[\s‐‑‒–—―−_.·•,，、/-]+"


def account_key(name: str) -> str:
    """The normal form of an account's name: width, case, blanks, dashes, dots and slashes do not count.

    Stars do, because banks mask digits with them: `**** 8899` and `8899` may be two accounts.
    """
    return re.sub(_DRESS, "", unicodedata.normalize("NFKC", name)).casefold()


def account_key_of(column: str) -> Lower:
    """The same normal form of a column, for the database."""
    wide = Func(F(column), template="normalize(%(expressions)s, NFKC)")
    return Lower(Func(wide, Value(_DRESS), Value(""), Value("g"), function="regexp_replace"))
