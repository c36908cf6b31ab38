"""Where everything is mounted: the pages of each package, signing in, the admin and the API."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from governance.api import log
from portal import errors, failures
from portal.api.docs import api_docs
from portal.web import health, home, search
from portal.web.closed import CLOSED
from runs.api.hooks import Hook

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("governance.web.urls")),
    path("", include("runs.web.urls")),
    path("log/<slug:name>/checkpoint", log.Checkpoint.as_view(), name="log-checkpoint"),
    path("log/<slug:name>/tile/<path:path>", log.Tile.as_view(), name="log-tile"),
    path("hooks/<str:address>", Hook.as_view(), name="hook"),
    *CLOSED,
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/docs/", api_docs, name="api-docs"),
    path("api/v1/", include("portal.api.urls")),
]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.not_found
handler500 = failures.server_error
