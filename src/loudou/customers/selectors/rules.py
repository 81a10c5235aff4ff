"""The company's rules about its customers."""

from loudou.customers.models import CustomerRules


def rules() -> CustomerRules:
    """Return the rules; until somebody sets them, the defaults (unsaved)."""
    return CustomerRules.objects.first() or CustomerRules(pk=1)
