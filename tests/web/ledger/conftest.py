"""Contracts in every state, as the tests of the module make them."""

from tests.contracts.conftest import at, customer, drafted, lines_of, offered, on, product, signed, two_lines

__all__ = ["at", "customer", "drafted", "lines_of", "offered", "on", "product", "signed", "two_lines"]
