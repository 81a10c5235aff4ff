"""Addresses of the API."""

from django.urls import URLPattern, URLResolver, path, re_path

from loudou.api import documentation
from loudou.api.v1.routes import api, unknown

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/docs", documentation.page, name="api-docs"),
    path("api/v1/", api.urls),
    re_path(r"^api/", unknown),
]
