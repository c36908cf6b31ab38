"""The Celery application. A message only says "look at run R"; what must not be lost is in PostgreSQL."""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
if (
    not settings.configured
):  # this process is Celery's own: it does not know the owner's address, by `.env` neither
    os.environ["OWNER_DATABASE_URL"] = ""

OVER_REDIS = settings.CELERY_BROKER_URL.startswith("redis")

app = Celery("countersign")
app.config_from_object(
    {
        "broker_url": settings.CELERY_BROKER_URL,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        "worker_hijack_root_logger": False,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "broker_connection_retry_on_startup": True,
        # Somebody waits for the page while a run is announced: a mute broker must not hold it up.
        "broker_transport_options": {"socket_connect_timeout": 3} if OVER_REDIS else {},
        "task_default_queue": "runs",
        "beat_schedule": {
            "sweep": {
                "task": "runs.durable.tasks.sweep",
                "schedule": settings.SWEEP_SECONDS,
                "options": {"expires": 10},
            },
        },
    }
)
# A thread keeps its connection from task to task: the tasks check it, and signing in costs more than they do.
app.conf["CELERY_DB_REUSE_MAX"] = 10**9
app.autodiscover_tasks(["runs.durable"])
