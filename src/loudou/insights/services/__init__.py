"""Verbs of insights."""
