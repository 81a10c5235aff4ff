"""Cards and reading lists on pages."""

from tests.playbook.conftest import at, customer, line, make_card, make_list, make_question, product, rival, stages

__all__ = ["at", "customer", "line", "make_card", "make_list", "make_question", "product", "rival", "stages"]
