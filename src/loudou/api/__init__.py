"""The API: the same services and selectors, for machines."""
