"""Verbs of the playbook."""
