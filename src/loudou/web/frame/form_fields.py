"""Form fields that every area uses: shares in per cent, plain decimals, amounts, days, currencies."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loudou.core.money import COMMON_CURRENCIES, currency_codes

_PERCENT = Decimal(100)


class PercentField(forms.DecimalField):
    """A share that people write in per cent: 60 is 0.6."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=100, max_digits=5, decimal_places=2, **options)

    def clean(self, value: Any) -> Decimal | None:
        """Return the share between 0 and 1."""
        percent = super().clean(value)
        return None if percent is None else percent / _PERCENT

    def prepare_value(self, value: Any) -> Any:
        """Show a stored share in per cent, and what was typed as it was typed."""
        if isinstance(value, Decimal):
            return f"{(value * _PERCENT).normalize():f}"
        return value


class PlainDecimalField(forms.DecimalField):
    """A decimal shown without trailing zeros."""

    def prepare_value(self, value: Any) -> Any:
        """Write 1200 rather than 1200.0000."""
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def amount_field(**options: Any) -> PlainDecimalField:
    """A field for an amount of money, which is never negative."""
    return PlainDecimalField(label=_("Amount"), required=False, min_value=0, max_digits=19, decimal_places=4, **options)


def day_field(label: Any, **options: Any) -> forms.DateField:
    """A field for a day."""
    return forms.DateField(label=label, required=options.pop("required", False), widget=forms.DateInput, **options)


def currency_choices() -> list[tuple[str, Any]]:
    """Common currencies first, then all others."""
    others = sorted(currency_codes() - set(COMMON_CURRENCIES))
    return [*((code, code) for code in COMMON_CURRENCIES), *((code, code) for code in others)]
