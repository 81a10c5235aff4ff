"""Handover: one act moves everything that somebody holds to one or several successors."""
