"""The only place that reads the clock. Views, commands and tasks call it; all below takes time as an argument."""

import datetime as dt

from django.utils import timezone


def now() -> dt.datetime:
    """Return the present instant, aware, in UTC."""
    return timezone.now()


def today() -> dt.date:
    """Return today's date in the time zone that is active (the user's in a request, the company's elsewhere)."""
    return timezone.localdate()
