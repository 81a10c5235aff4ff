"""The last answer, when something broke outside a page or an operation: to people a page, to programs a problem."""

import sys

from django.http import HttpRequest, HttpResponse

from loudou.api import problems
from loudou.core.errors import DiskFull
from loudou.core.outages import database_is_down, disk_is_full
from loudou.web.frame import errors


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 507 when the disk is full, 503 when the database is away, else 500."""
    exception = sys.exc_info()[1]
    if request.path.startswith("/api/") and exception is not None:
        if disk_is_full(exception):
            return problems.answer(request, DiskFull())
        if database_is_down(exception):
            return problems.away()
    return errors.server_error(request)
