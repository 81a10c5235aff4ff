"""The company's rules about its customers."""

from __future__ import annotations

from django.utils.translation import get_language

from loudou.core import kept
from loudou.customers.choices import Phase
from loudou.customers.models import CustomerRules


def rules() -> CustomerRules:
    """Return the rules, kept between requests; until somebody sets them, the defaults (unsaved)."""
    known = kept.rows_of(CustomerRules)
    return known[0] if known else CustomerRules(pk=1)


def phase_labels(company_rules: CustomerRules | None = None) -> dict[int, str]:
    """The names of the phases in the active language: the company's own, else ours (one statement without rules)."""
    own = (company_rules or rules()).phase_names
    language = "zh-hans" if (get_language() or "").startswith("zh") else "en"
    return {phase.value: own.get(phase.code, {}).get(language) or str(phase.label) for phase in Phase}
