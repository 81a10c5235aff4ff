"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    """The programming interface."""

    name = "loudou.api"
    label = "api"
    verbose_name = _("API")
