"""The endpoint for tests of the engine."""

from tests.providers.serving import endpoint_process, serving

__all__ = ["endpoint_process", "serving"]
