"""Cards on pages."""

from tests.playbook.conftest import at, customer, line, make_card, product, rival, stages

__all__ = ["at", "customer", "line", "make_card", "product", "rival", "stages"]
