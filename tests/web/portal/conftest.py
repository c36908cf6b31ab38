"""Somebody at the browser, and the endpoint that answers for a model."""

from tests.web.runs.conftest import browsing, endpoint_process, serving

__all__ = ["browsing", "endpoint_process", "serving"]
