"""Every address of the site."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("loudou.api.urls")),
    path("", include("loudou.web.home.urls")),
    path("", include("loudou.web.people.urls")),
    path("", include("loudou.web.handover.urls")),
    path("", include("loudou.web.frame.urls")),
    path("", include("loudou.web.exchange.urls")),
    path("", include("loudou.web.pipeline.urls")),
    path("", include("loudou.web.customers.urls")),
    path("", include("loudou.web.privacy.urls")),
    path("", include("loudou.web.playbook.urls")),
    path("", include("loudou.web.ledger.urls")),
    path("", include("loudou.web.contracts.urls")),
]

handler400 = "loudou.web.frame.errors.bad_request"
handler403 = "loudou.web.frame.errors.forbidden"
handler404 = "loudou.web.frame.errors.not_found"
handler500 = "loudou.config.errors.server_error"
