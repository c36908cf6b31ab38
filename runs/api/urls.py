"""The addresses of runs under `/api/v1/`; their names are in the namespace `api`."""

from django.urls import path

from runs.api import artifacts, outputs, runs, search

urlpatterns = [
    path("runs/", runs.Runs.as_view(), name="runs"),
    path("runs/<uuid:pk>/", runs.RunDetail.as_view(), name="run"),
    path("runs/<uuid:pk>/resume/", runs.Resume.as_view(), name="run-resume"),
    path("runs/<uuid:pk>/cancel/", runs.Cancel.as_view(), name="run-cancel"),
    path("runs/<uuid:pk>/events/", runs.Events.as_view(), name="run-events"),
    path("outputs/<uuid:pk>/", outputs.OutputDetail.as_view(), name="output"),
    path("artifacts/<uuid:pk>/content/", artifacts.Content.as_view(), name="artifact-content"),
    path("search/", search.Search.as_view(), name="search"),
]
