"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HandoverConfig(AppConfig):
    """What a leaver holds goes to successors."""

    name = "loudou.handover"
    label = "handover"
    verbose_name = _("Handover")
