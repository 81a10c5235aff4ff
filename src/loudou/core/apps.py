"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    """Company, exchange rates, idempotency keys."""

    name = "loudou.core"
    label = "core"
    verbose_name = _("Company")
