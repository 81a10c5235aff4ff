"""Screens of the playbook: cards, where they are needed, and what newcomers read."""
