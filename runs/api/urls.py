"""The addresses of runs under `/api/v1/`; their names are in the namespace `api`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
