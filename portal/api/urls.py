"""The addresses of the API, version 1."""

from django.urls import include, path

from portal.api.addresses import Index, Nothing, Schema

app_name = "api"
urlpatterns = [
    path("", Index.as_view(), name="index"),
    path("", include("governance.api.urls")),
    path("", include("runs.api.urls")),
    path("schema/", Schema.as_view(), name="schema"),
    # Whatever else is asked for under /api/v1/ gets the API's own answer, not a page.
    path("<path:elsewhere>", Nothing.as_view(), name="nothing"),
]
