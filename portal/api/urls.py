"""The addresses of the API, version 1."""

from django.urls import include, path, re_path

from portal.api.addresses import Nothing, Schema

app_name = "api"
urlpatterns = [
    path("", include("governance.api.urls")),
    path("", include("runs.api.urls")),
    path("schema/", Schema.as_view(), name="schema"),
    # Whatever else is asked for under /api/v1/ gets the API's own answer, not a page.
    re_path(r"^.*$", Nothing.as_view(), name="nothing"),
]
