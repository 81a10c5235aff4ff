"""Addresses of the start page."""

from django.urls import path

from loudou.web.home import views

app_name = "home"
urlpatterns = [
    path("", views.TodayPage.as_view(), name="today"),
    path("about/", views.AboutPage.as_view(), name="about"),
]
