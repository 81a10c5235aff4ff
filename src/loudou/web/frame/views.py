"""The frame's own pages: palette, keyboard help, language and theme, saved views."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from loudou.core.refusals import NotVisible
from loudou.people.choices import Language, Theme
from loudou.people.models import SavedView
from loudou.people.services import saved_views as services
from loudou.people.services.users import ProfileFacts, update_profile
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.forms import SavedViewForm
from loudou.web.frame.middleware import THEME_COOKIE
from loudou.web.frame.pages import Page
from loudou.web.frame.palette import find, places
from loudou.web.frame.search import search_everything

STATE_LENGTH = 4000


PALETTE = "palette-results"
"""What htmx fills when the search is a palette over the page."""


class SearchPage(Page):
    """Everything that holds some words, by kind: a page that can be shared, or what Ctrl-K opens over the page."""

    permission = "home.view"
    template = "frame/search.html"
    title = gettext_lazy("Search")
    most: ClassVar[int] = 20

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer the palette with a few lines of everything, and whoever came by the address with all there is."""
        user, query = self.request.user, request.GET.get("q", "")[:200].strip()
        if self.request.htmx.target == PALETTE:
            return render(request, "frame/_palette_results.html", {"groups": find(user, query), "q": query})
        # One more than is shown tells that there are more.
        groups = search_everything(user, query, limit=self.most + 1) if query else []
        return self.render(q=query, groups=groups, places=places(user, query), most=self.most)


class KeyboardPage(Page):
    """Which keys do what."""

    permission = "home.view"
    template = "frame/keyboard.html"
    title = gettext_lazy("Keyboard")


class TasteView(View):
    """Language and theme: kept in the profile of whoever is signed in, in cookies of strangers."""

    permission = ""
    anonymous_allowed = True
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the choice and return to the page."""
        wanted = request.POST.get("next", "")
        response = HttpResponseRedirect(wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else "/")
        chosen: ProfileFacts = {}
        if request.POST.get("language") in Language.values:
            chosen["language"] = request.POST["language"]
        if request.POST.get("theme") in Theme.values:
            chosen["theme"] = request.POST["theme"]
        if request.user.is_authenticated and chosen:
            update_profile(request.user, **chosen)
        cookies = {"language": settings.LANGUAGE_COOKIE_NAME, "theme": THEME_COOKIE}
        for name, value in chosen.items():
            response.set_cookie(
                cookies[name],
                str(value),
                max_age=365 * 24 * 3600,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
            )
        return response


class SavedViewAdd(FormPage):
    """Keep the state of a list under a name."""

    permission = "home.view"
    title = gettext_lazy("Save this view")
    form_class = SavedViewForm

    def initial(self, record: Any) -> dict[str, Any]:
        """Take page and state from the address."""
        return {"page": self.request.GET.get("page", "")[:60], "query": self.request.GET.get("query", "")}

    def save(self, form: Any, *, version: int | None) -> Done:
        """Save, and open the list in this view."""
        facts = form.cleaned_data
        view = services.save_view(
            self.request.user,
            page=facts["page"],
            name=facts["name"],
            query=list_state(facts["query"]),
            is_shared=facts["is_shared"],
            is_pinned=facts["is_pinned"],
        )
        if facts["is_default"]:
            services.set_default_view(self.request.user, view.pk, is_default=True)
        return Done(message=_("The view %(name)s was saved.") % {"name": view.name})


class SavedViewEdit(FormPage):
    """Rename, share, pin one's own view, or make it the default."""

    permission = "home.view"
    title = gettext_lazy("Change view")
    template = "frame/view_edit.html"
    form_class = SavedViewForm

    def record(self) -> SavedView:
        """Return one's own view."""
        view = SavedView.objects.filter(owner_id=self.request.user.pk, pk=self.kwargs["pk"]).first()
        if view is None:
            raise NotVisible
        return view

    def save(self, form: Any, *, version: int | None) -> Done:
        """Carry out what changed."""
        user, pk, facts = self.request.user, self.kwargs["pk"], form.cleaned_data
        if "name" in form.changed_data:
            services.rename_view(user, pk, name=facts["name"])
        if "is_shared" in form.changed_data:
            services.share_view(user, pk, is_shared=facts["is_shared"])
        if "is_pinned" in form.changed_data:
            services.pin_view(user, pk, is_pinned=facts["is_pinned"])
        if "is_default" in form.changed_data:
            services.set_default_view(user, pk, is_default=facts["is_default"])
        return Done(message=_("The view %(name)s was changed.") % {"name": facts["name"]})


class SavedViewDelete(ActionPage):
    """Throw one's own view away."""

    permission = "home.view"

    def act(self) -> Done:
        """Delete it."""
        services.delete_view(self.request.user, self.kwargs["pk"])
        return Done(message=_("The view was deleted."))


def list_state(query: str) -> str:
    """Keep what describes a list (filters, order, columns); drop the page, the open panel and the view it came from."""
    kept = QueryDict(query[:STATE_LENGTH].removeprefix("?"), mutable=True)
    for name in ("page", "panel", "view", "export", "filters"):
        kept.pop(name, None)
    return kept.urlencode()
