"""The demo's place among the applications."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo company and the truth behind it."""

    name = "loudou.demo"
    label = "demo"
