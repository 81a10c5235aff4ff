"""Addresses of the frame."""

from django.urls import path

from loudou.web.frame import views
from loudou.web.frame.choosers import CHOOSERS, ChooserPage

app_name = "frame"
urlpatterns = [
    path("search/", views.SearchPage.as_view(), name="search"),
    path("keyboard/", views.KeyboardPage.as_view(), name="keyboard"),
    *(
        path(
            f"choose/{kind}/",
            ChooserPage.as_view(kind=kind, permission=chooser.permission),
            name=f"choose_{kind}",
        )
        for kind, chooser in CHOOSERS.items()
    ),
    path("taste/", views.TasteView.as_view(), name="taste"),
    path("views/add/", views.SavedViewAdd.as_view(), name="view_add"),
    path("views/<int:pk>/edit/", views.SavedViewEdit.as_view(), name="view_edit"),
    path("views/<int:pk>/delete/", views.SavedViewDelete.as_view(), name="view_delete"),
]
