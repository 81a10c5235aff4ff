"""Questions about handovers."""
