"""The Celery application. A message only says "look what is next"; what must not be lost is in PostgreSQL."""

import os

from celery import Celery
from django.conf import settings
from kombu import Queue

from runs.durable.announce import QUEUES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
if (
    not settings.configured
):  # this process is Celery's own: it knows neither the owner's address nor the keeper's, by `.env` neither
    os.environ |= {"OWNER_DATABASE_URL": "", "LEDGER_DATABASE_URL": ""}

REDIS = {
    # Somebody waits for the page while a run is announced: a mute broker must not hold it up.
    "socket_connect_timeout": 3,
    # A list of what was taken and not acknowledged costs a third of each message, and brings back nothing
    # that the sweeper would not bring back sooner.
    "ack_emulation": False,
}
OVER_REDIS = settings.CELERY_BROKER_URL.startswith("redis")

app = Celery("countersign")
app.config_from_object(
    {
        "broker_url": settings.CELERY_BROKER_URL,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_queues": [Queue(name) for name in QUEUES.values()],
        "task_default_queue": QUEUES["io"],
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        # However long the broker is away, workers wait for it.
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": REDIS if OVER_REDIS else {},
        # What a message costs beside the run: nobody reads results, events or rates.
        "task_ignore_result": True,
        "task_send_sent_event": False,
        "task_track_started": False,
        "worker_send_task_events": False,
        "worker_disable_rate_limits": True,
        # Over Redis, a worker whose slots are all busy notices only by this subscription that the broker has
        # gone: its messages could then not be acknowledged, and it would wait for ever.
        "worker_enable_remote_control": True,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        # A process for computing that has grown beyond this is replaced after its message.
        "worker_max_memory_per_child": 150_000,  # KiB
    }
)
# A thread keeps its connection from task to task: the tasks check it, and signing in costs more than they do.
app.conf["CELERY_DB_REUSE_MAX"] = 10**9
app.autodiscover_tasks(["runs.durable", "runs.recalls"])
