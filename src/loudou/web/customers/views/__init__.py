"""Pages of customers, contacts and products."""
