"""The start page and what Loudou is."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loudou.web.frame.pages import Page


class TodayPage(Page):
    """What to do first."""

    permission = "home.view"
    template = "home/today.html"
    title = _("Today")


class AboutPage(Page):
    """Version, licence, and what stands behind it."""

    permission = "home.view"
    template = "home/about.html"
    title = _("About Loudou")
