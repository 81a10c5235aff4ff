"""Screens of customers, contacts and products."""
