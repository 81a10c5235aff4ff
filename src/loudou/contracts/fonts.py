"""Which fonts the machine has. Needs nothing of Django, so that the set-up can ask as well."""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import lru_cache


@lru_cache(maxsize=1)
def has_chinese_fonts() -> bool:
    """Whether a font that can write Chinese is installed: boxes in place of names would be worse than no paper."""
    name = ctypes.util.find_library("fontconfig") or "libfontconfig.so.1"
    try:
        library = ctypes.CDLL(name)
    except OSError:
        return False
    for function in ("FcNameParse", "FcObjectSetBuild", "FcFontList"):
        getattr(library, function).restype = ctypes.c_void_p
    pattern = ctypes.c_void_p(library.FcNameParse(b":lang=zh-cn"))
    objects = ctypes.c_void_p(library.FcObjectSetBuild(b"family", None))
    fonts = library.FcFontList(None, pattern, objects)
    return bool(fonts) and ctypes.cast(fonts, ctypes.POINTER(ctypes.c_int))[0] > 0
