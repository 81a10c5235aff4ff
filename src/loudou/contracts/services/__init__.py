"""Verbs of contracts."""
