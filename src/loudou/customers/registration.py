"""What identifies a company: the unified social credit code, and names, phones and websites in one spelling."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

CREDIT_CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of GB 32100-2015: no I, O, S, V, Z, which are easily misread."""

CREDIT_CODE_LENGTH = 18
_WEIGHTS = tuple(3**position % 31 for position in range(CREDIT_CODE_LENGTH - 1))
_PHONE_NOISE = re.compile(r"[\s().\-\u2010-\u2015·/]+")
_PHONE_EXTENSION = re.compile(r"(?:转|分机|ext\.?|extension|x|#)\s*(\d{1,6})$", re.IGNORECASE)
_PHONE = re.compile(r"\+?\d{5,20}")
_SPACE = re.compile(r"\s+")
_is_web_address = URLValidator(schemes=["http", "https"])


def credit_code_check_character(body: str) -> str:
    """Compute the last character from the first 17: weights 3^i mod 31, complement of the sum modulo 31."""
    values = map(CREDIT_CODE_ALPHABET.index, body)
    total = sum(weight * value for weight, value in zip(_WEIGHTS, values, strict=True))
    return CREDIT_CODE_ALPHABET[-total % 31]


def is_credit_code(code: str) -> bool:
    """Tell whether a text is a unified social credit code whose check character is right."""
    return (
        len(code) == CREDIT_CODE_LENGTH
        and all(character in CREDIT_CODE_ALPHABET for character in code)
        and credit_code_check_character(code[:-1]) == code[-1]
    )


def normalize_credit_code(text: str) -> str:
    """Bring a code to capitals and half-width characters without spaces or dashes, as people paste it."""
    return re.sub(r"[\s\-]+", "", unicodedata.normalize("NFKC", text)).upper()


def normalize_name(text: str) -> str:
    """Collapse white space; the spelling stays as written, full-width brackets included."""
    return _SPACE.sub(" ", text).strip()


def normalize_phone(text: str) -> str:
    """Keep the digits, a leading + and an extension ("021-5555 1234 转 801" becomes "02155551234x801").

    A text that is no phone number (letters, too short) comes back with its white space collapsed.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    extension = _PHONE_EXTENSION.search(plain)
    number = _PHONE_NOISE.sub("", plain[: extension.start()] if extension else plain)
    if number.startswith("00"):
        number = "+" + number[2:]
    if not _PHONE.fullmatch(number):
        return normalize_name(plain)
    return f"{number}x{extension.group(1)}" if extension else number


def normalize_email(text: str) -> str:
    """Trim a mail address and bring it to lower case."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def normalize_website(text: str) -> str:
    """Add https:// when no scheme is given, lower the host's case, drop a trailing slash."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return ""
    address = plain if "://" in plain else f"https://{plain}"
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path.rstrip('/')}{query}"


def website_host(website: str) -> str:
    """Return the host without "www.", by which two websites are compared."""
    return urlsplit(normalize_website(website)).netloc.removeprefix("www.")


def normalize_each(values: Iterable[str] | None, normalize: Callable[[str], str]) -> list[str]:
    """Bring each text of a list to its one spelling, without empty ones and repetitions, order kept."""
    return list(dict.fromkeys(filter(None, map(normalize, values or ()))))


def validate_credit_code(code: str) -> None:
    """Refuse a code whose length, characters or check character are wrong, saying which."""
    if len(code) != CREDIT_CODE_LENGTH:
        raise ValidationError(
            _("A unified social credit code has 18 characters, this one has %(length)d."),
            params={"length": len(code)},
        )
    wrong = sorted(set(code) - set(CREDIT_CODE_ALPHABET))
    if wrong:
        raise ValidationError(
            _("%(characters)s cannot occur in a unified social credit code."), params={"characters": " ".join(wrong)}
        )
    if not is_credit_code(code):
        raise ValidationError(_("The check character does not fit. Compare the code with the business licence."))


def validate_website(address: str) -> None:
    """Refuse what is not an address of the web; other schemes, such as javascript:, are never links of ours."""
    try:
        _is_web_address(address)
    except ValidationError as error:
        raise ValidationError(_("This is not a web address. Write it like www.example.com.")) from error
