"""Machines talk to Loudou here: JSON over HTTP, on the same services and selectors as the pages."""
