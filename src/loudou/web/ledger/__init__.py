"""Screens of the ledger: plans, receipts, allocations, invoices, bank statements, reconciliation, statistics."""
