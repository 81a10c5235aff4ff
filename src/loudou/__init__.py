"""Loudou (漏斗): a sales system whose numbers are backed by evidence."""

__version__ = "0.1.0"
