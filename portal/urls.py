"""Where everything is mounted: the pages of each package, signing in, the admin and the API."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from portal import errors
from portal.api.docs import api_docs
from portal.web import health, home, search
from portal.web.closed import CLOSED


def mounted(prefix: str, module: str) -> list[URLPattern | URLResolver]:
    """The addresses of a package under `prefix`; none while the package has none."""
    return [path(prefix, include(module))] if find_spec(module) else []


urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    *mounted("", "governance.web.urls"),
    *mounted("", "runs.web.urls"),
    *CLOSED,
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/docs/", api_docs, name="api-docs"),
    path("api/v1/", include("portal.api.urls")),
]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.not_found
handler500 = errors.server_error
