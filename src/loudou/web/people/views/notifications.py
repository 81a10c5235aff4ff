"""The bell of the top bar, what it opens, and the page with everything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.people import selectors
from loudou.people.models import Notification
from loudou.people.services import notifications as services
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.pages import Page
from loudou.web.people.notices import address, icon

LATEST = 10
PER_PAGE = 50
MOST_COUNTED = 100
"""The bell counts up to here and says "99+" beyond."""


class NotificationList(Page):
    """Everything that the reader was told, the latest first."""

    permission = "people.own"
    template = "people/notifications.html"
    title = _("Notifications")

    def context(self) -> dict[str, Any]:
        """One page of notifications, and whether any of all is unread."""
        found = selectors.notifications(self.request.user)
        rows = Paginator(found, PER_PAGE).get_page(self.request.GET.get("page"))
        unread = selectors.unread_count(self.request.user, most=MOST_COUNTED)
        return {"rows": rows, "items": shown(rows), "unread": unread}


class LatestNotifications(Page):
    """What the bell opens: the latest few."""

    permission = "people.own"
    template = "people/_latest_notifications.html"

    def context(self) -> dict[str, Any]:
        """The latest, read or not."""
        items = shown(selectors.notifications(self.request.user)[:LATEST])
        return {"items": items, "has_unread": any(item["row"].read_at is None for item in items)}


class UnreadCount(Page):
    """What stands on the bell: how many are unread."""

    permission = "people.own"
    template = "people/_unread.html"

    def context(self) -> dict[str, Any]:
        """The number, as far as it is counted."""
        count = selectors.unread_count(self.request.user, most=MOST_COUNTED)
        return {"count": count, "written": f"{MOST_COUNTED - 1}+" if count == MOST_COUNTED else str(count)}


class ReadNotification(ActionPage):
    """Note that one was read."""

    permission = "people.own"

    def act(self) -> Done:
        """Note it; nothing needs to be said."""
        services.read_notification(self.request.user, self.kwargs["pk"], at=clock.now())
        return Done(url=reverse("people:notifications"))


class ReadAllNotifications(ActionPage):
    """Note that everything was read."""

    permission = "people.own"

    def act(self) -> Done:
        """Note it."""
        services.read_all_notifications(self.request.user, at=clock.now())
        return Done(message=gettext("All notifications are marked as read."), url=reverse("people:notifications"))


def shown(rows: Iterable[Notification]) -> list[dict[str, Any]]:
    """Notifications with where they lead and their icon."""
    return [{"row": row, "url": address(row), "icon": icon(row)} for row in rows]
