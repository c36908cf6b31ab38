"""The admin's site: only pages that keep to the owners' gate, and no second way to sign in."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from governance.errors import NotAllowed


class OwnersSite(AdminSite):
    """What platform owners set up."""

    site_header = site_title = "Countersign administration"
    index_title = "Set up your organisations"
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take the pages that are limited to the owned organisations; leave out those of libraries.

        A library's page (groups, sign-in methods, sessions) would write around the services and their events.
        """
        from governance.admin.gate import OwnerAdmin

        if admin_class is not None and issubclass(admin_class, OwnerAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Nobody signs in here: whoever comes has signed in and is no platform owner."""
        if self.has_permission(request):
            return redirect("admin:index")
        raise NotAllowed("The administration is for platform owners.", missing="platform owner")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """As Django's, with the portal's own page for changing a password: it asks for the old one again."""
        own = path("password_change/", RedirectView.as_view(pattern_name="account_change_password"))
        return [own, *super().get_urls()]


class OwnersAdminConfig(AdminConfig):
    """django.contrib.admin with the site above."""

    default_site = "portal.admin_site.OwnersSite"
