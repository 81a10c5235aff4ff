"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProductsConfig(AppConfig):
    """Products and product lines."""

    name = "loudou.catalog"
    label = "catalog"
    verbose_name = _("Products")
