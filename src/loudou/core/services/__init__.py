"""Verbs of the core."""
