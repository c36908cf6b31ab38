"""Where each provider answers: read from the settings by the name that a model version gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from django.conf import settings

from runs.providers.errors import ProviderUnknown, WeightsDiffer


@dataclass(frozen=True)
class Provider:
    """An OpenAI-compatible endpoint. `weights_sha256` is known only where the weights are local."""

    name: str
    base_url: str
    api_key: str
    timeout_seconds: float
    weights_sha256: str

    @property
    def host(self) -> str:
        """Where it is asked, without what the address says besides."""
        return httpx.URL(self.base_url).host


def provider(name: str) -> Provider:
    """The provider of this name. Raises `ProviderUnknown` when the environment gives it no address."""
    known: Mapping[str, Any] | None = settings.LLM_PROVIDERS.get(name)
    if known is None:
        listed = ", ".join(sorted(settings.LLM_PROVIDERS)) or "none"
        raise ProviderUnknown(f"There is no provider called “{name}” here (known: {listed}).")
    if not known["base_url"]:
        raise ProviderUnknown(
            f"The provider “{name}” has no address: set LLM_BASE_URL, and LLM_API_KEY if it needs one."
        )
    return Provider(
        name=name,
        base_url=known["base_url"].rstrip("/"),
        api_key=known.get("api_key", ""),
        timeout_seconds=float(known.get("timeout_seconds", 120)),
        weights_sha256=known.get("weights_sha256", ""),
    )


def check_weights(chosen: Provider, pinned: str | None) -> bool | None:
    """Whether the served weights are known to be the pinned ones; None when nothing is pinned.

    Raises `WeightsDiffer` when both digests are known and they are not the same.
    """
    if pinned is None:
        return None
    if not chosen.weights_sha256:
        return False
    if chosen.weights_sha256.lower() != pinned:
        raise WeightsDiffer(
            f"The model version pins weights {pinned[:12]}…, “{chosen.name}” serves "
            f"{chosen.weights_sha256[:12]}…. "
            "Release a model version with the weights that are served, or serve the pinned ones."
        )
    return True
