"""Contracts in every state, as the tests of the module make them."""

from tests.contracts.conftest import (
    acts_of,
    at,
    customer,
    drafted,
    lines_of,
    offered,
    on,
    product,
    signed,
    two_lines,
)

__all__ = [
    "acts_of", "at", "customer", "drafted", "lines_of", "offered", "on", "product", "signed",
    "two_lines",
]  # fmt: skip
