"""Sales processes, opportunities and their history."""
