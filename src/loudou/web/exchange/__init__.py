"""Screens of imports: the wizard, its progress and result, and the list of past imports."""
