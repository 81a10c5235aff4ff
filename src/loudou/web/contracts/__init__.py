"""Screens of contracts: list, page, draft, offer, signature, amendments, deliveries, approvals, settings."""
