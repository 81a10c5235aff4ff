"""Pages: a view that says which permission it needs and which template it fills.

One address serves the full page, the side panel and the dialog: the template extends `{{ shell }}`, and the shell is
chosen by where htmx wants to put the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.views import View
from django_htmx.http import HttpResponseClientRedirect

from loudou.core.refusals import PermissionRefused
from loudou.web.frame.walking import Walk, walk

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from loudou.core.models import Company
    from loudou.people.models import User

FULL_PAGE = "frame/page.html"
SHELLS: Mapping[str, str] = {"panel": "frame/panel.html", "dialog": "frame/dialog.html", "list": "frame/fragment.html"}
"""Shell by the id of the element that htmx fills; everything else gets the full page."""


class PageRequest(HttpRequest):
    """A request as pages see it: signed in, with the company and htmx's details. For type checking only."""

    user: User
    company: Company
    htmx: HtmxDetails


class Page(View):
    """A screen behind sign-in and one permission."""

    permission: ClassVar[str]
    """The verb of `loudou.people.permissions` that opening the page needs. Every page declares one."""
    anonymous_allowed: ClassVar[bool] = False
    """True only for the pages before sign-in; they declare `permission = ""`."""
    template: ClassVar[str]
    title: str | Promise = ""
    section: ClassVar[str] = ""
    """URL name of the navigation item to highlight; without it the item whose address begins like this page's."""

    request: PageRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask anonymous visitors to sign in and refuse people without the permission, then answer."""
        if not self.anonymous_allowed:
            if not request.user.is_authenticated:
                return ask_to_sign_in(request)
            if not request.user.has_permission(self.permission):
                raise PermissionRefused
        response = super().dispatch(request, *args, **kwargs)
        patch_vary_headers(response, ("HX-Request", "HX-Target"))
        return response

    @property
    def shell(self) -> str:
        """Template to extend: the full page, or the part that htmx asked for."""
        htmx = getattr(self.request, "htmx", None)
        return SHELLS.get(htmx.target or "", FULL_PAGE) if htmx and not htmx.boosted else FULL_PAGE

    def context(self) -> dict[str, Any]:
        """What the template gets besides `page`, `shell` and `title`."""
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the page."""
        return self.render()

    def render(self, *, template: str | None = None, status: int = 200, **context: Any) -> HttpResponse:
        """Fill the page's template in the right shell."""
        more = self.context()  # may say a title of its own
        filled = {"page": self, "shell": self.shell, "title": self.title, **more, **context}
        return render(self.request, template or self.template, filled, status=status)

    def breadcrumbs(self) -> list[tuple[str | Promise, str]]:
        """Pairs of label and address that lead to this page, the page itself left out."""
        return []


class RecordPage(Page):
    """One record: a full page by its own address, a side panel when a list opens it.

    Subclasses define `record()` with a selector and may use `self.walk` (previous and next in the list it came from).
    """

    record_name: ClassVar[str] = "record"

    def record(self) -> Any:
        """Return the record, from a selector that starts at `visible_to(self.request.user)`. Raises NotVisible."""
        raise NotImplementedError

    @property
    def edit_url(self) -> str:
        """Address of the form that `e` opens; '' when the record cannot be edited by this user."""
        return ""

    @property
    def walk(self) -> Walk | None:
        """Where the record stands in the filtered list that led here (query parameters `from` and `at`)."""
        return walk(self.request, self.kwargs.get("pk"))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the record in the shell that was asked for."""
        found = self.record()
        if not self.title:
            self.title = str(found)
        return self.render(**{"record": found, self.record_name: found})


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send an anonymous visitor to the sign-in page, and back afterwards."""
    htmx = getattr(request, "htmx", None)
    wanted = (htmx.current_url_abs_path if htmx else request.get_full_path()) or "/"
    address = f"{reverse('people:sign_in')}?{urlencode({'next': wanted})}"
    return HttpResponseClientRedirect(address) if htmx else HttpResponseRedirect(address)
