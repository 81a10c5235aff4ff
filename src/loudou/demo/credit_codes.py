"""Unified social credit codes for invented companies: well formed, with both check characters right."""

from random import Random

from loudou.customers.registration import CREDIT_CODE_ALPHABET, credit_code_check_character

_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_COMPANY = "91"
"""Registered with market supervision, an enterprise."""


def organisation_check_character(first_eight: str) -> str:
    """Return the check character of the organisation code (GB 11714) that is part of the credit code."""
    total = sum(
        _ORGANISATION_ALPHABET.index(character) * weight
        for character, weight in zip(first_eight, _ORGANISATION_WEIGHTS, strict=True)
    )
    rest = 11 - total % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def invent(random: Random, division: str) -> str:
    """Make up a valid code for a company registered in a six-digit administrative division."""
    organisation = "MA" + "".join(random.choices(CREDIT_CODE_ALPHABET, k=6))
    body = _COMPANY + division + organisation + organisation_check_character(organisation)
    return body + credit_code_check_character(body)
