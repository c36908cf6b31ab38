"""Whether the process is alive, and whether it and what it needs are ready to serve."""

import logging
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Any, Final

from django.conf import settings
from django.core.checks import Tags, run_checks
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu import Connection

PATIENCE_SECONDS: Final = 2
KEPT_SECONDS: Final = 1
log = logging.getLogger(__name__)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers; says nothing of anything else."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Each part that a request needs, and 503 unless all of them are there. Details go to the log alone."""
    parts = found.parts()
    ready = all(state == "ok" for state in parts.values())
    return JsonResponse(
        {"status": "ok" if ready else "not ready", "parts": parts}, status=200 if ready else 503
    )


class Found:
    """What was found, for a second: anybody may ask, and as often as they like, so the parts are not.

    Who asks meanwhile waits for that one answer; the second counts from when it was there.
    """

    def __init__(self) -> None:
        self._asking = Lock()
        self._parts: dict[str, str] = {}
        self._until = 0.0

    def parts(self) -> dict[str, str]:
        """Each part with its state."""
        with self._asking:
            if monotonic() >= self._until:
                self._parts = {name: _asked(name, check) for name, check in PARTS}
                self._until = monotonic() + KEPT_SECONDS
            return self._parts


found: Final = Found()


def _asked(name: str, check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception:
        log.exception("readiness: %s cannot be reached", name)
        return "unreachable"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "not applied" if waiting else "ok"


def _roles() -> str:
    """The start-up self-test: what the application's role may and may not do."""
    problems: list[Any] = run_checks(tags=[Tags.database], databases=["default"])
    return "refused" if any(problem.is_serious() for problem in problems) else "ok"


def _broker() -> str:
    with Connection(settings.CELERY_BROKER_URL, connect_timeout=PATIENCE_SECONDS) as broker:
        broker.ensure_connection(max_retries=1, timeout=PATIENCE_SECONDS)
    return "ok"


PARTS: Final[tuple[tuple[str, Callable[[], str]], ...]] = (
    ("database", _database),
    ("migrations", _migrations),
    ("roles", _roles),
    ("broker", _broker),
)
