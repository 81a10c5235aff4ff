"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContractsConfig(AppConfig):
    """Contracts, orders, deliveries and the money they bring."""

    name = "loudou.contracts"
    label = "contracts"
    verbose_name = _("Contracts")
