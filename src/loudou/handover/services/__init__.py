"""Verbs of handovers."""
