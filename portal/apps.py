"""The portal as a Django app: it connects Celery and the start-up checks once the registry is ready."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Composition root."""

    name = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        """Make our Celery application the current one and register the system checks."""
        from portal import celery, checks  # noqa: F401
