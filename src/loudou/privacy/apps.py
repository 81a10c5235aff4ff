"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    """Copies and erasures of personal data."""

    name = "loudou.privacy"
    label = "privacy"
    verbose_name = _("Personal data")
