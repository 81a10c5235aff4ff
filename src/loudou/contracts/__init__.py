"""Contracts and orders: from the draft to performance and cash."""
