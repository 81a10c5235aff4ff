"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlaybookConfig(AppConfig):
    """Cards of knowledge, reading lists, quizzes."""

    name = "loudou.playbook"
    label = "playbook"
    verbose_name = _("Playbook")
