"""Addresses of the frame."""

from django.urls import path

from loudou.web.frame import views

app_name = "frame"
urlpatterns = [
    path("palette/", views.PalettePage.as_view(), name="palette"),
    path("search/", views.SearchPage.as_view(), name="search"),
    path("keyboard/", views.KeyboardPage.as_view(), name="keyboard"),
    path("taste/", views.TasteView.as_view(), name="taste"),
    path("views/add/", views.SavedViewAdd.as_view(), name="view_add"),
    path("views/<int:pk>/edit/", views.SavedViewEdit.as_view(), name="view_edit"),
    path("views/<int:pk>/delete/", views.SavedViewDelete.as_view(), name="view_delete"),
]
