"""Views of contracts."""
