"""Addresses of personal data."""

from django.urls import path

from loudou.web.privacy import views

app_name = "privacy"
urlpatterns = [
    path("personal-data/", views.RequestList.as_view(), name="request_list"),
    path("contacts/<int:pk>/personal-data/", views.Held.as_view(), name="held"),
    path("contacts/<int:pk>/personal-data/file/", views.Copy.as_view(), name="copy"),
    path("contacts/<int:pk>/personal-data/request/", views.RequestAdd.as_view(), name="request_add"),
    path("contacts/<int:pk>/personal-data/erase/", views.Erase.as_view(), name="erase"),
]
