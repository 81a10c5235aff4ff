"""Screens for signing in, one's own profile, users, teams, roles, the company and the audit."""
