"""Where each HTTP endpoint answers: only what the environment names can be called."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from django.conf import settings


@dataclass(frozen=True)
class Endpoint:
    """An HTTP service. `headers` hold its key and are sent with each request."""

    name: str
    base_url: str
    headers: Mapping[str, str]
    secrets: tuple[str, ...]
    timeout_seconds: float

    @property
    def host(self) -> str:
        """Where it is asked, without what the address says besides."""
        return httpx.URL(self.base_url).host

    def without_secrets(self, body: bytes) -> bytes:
        """What came back, fit to be kept where everybody on the project reads it, and for good."""
        for secret in self.secrets:
            body = body.replace(secret.encode(), b"[key]")
        return body


def endpoint(name: str) -> Endpoint | None:
    """The endpoint of this name; None when the environment names none."""
    known: Mapping[str, Any] | None = settings.HTTP_ENDPOINTS.get(name)
    if known is None:
        return None
    key, header = str(known.get("api_key", "")), str(known.get("header", "Authorization"))
    sent = f"Bearer {key}" if header.lower() == "authorization" else key
    return Endpoint(
        name=name,
        base_url=str(known["base_url"]).rstrip("/"),
        headers={header: sent} if key else {},
        secrets=(key,) if key else (),
        timeout_seconds=float(known.get("timeout_seconds", 30)),
    )


def known_endpoints() -> list[str]:
    """The names that can be called here."""
    return sorted(settings.HTTP_ENDPOINTS)
