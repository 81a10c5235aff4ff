"""Views of handovers."""
