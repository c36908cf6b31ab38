"""The page of the workers: who executes runs, what waits for them, and whether the sweeper looks."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from governance.web.acting import actor_of, refuse_unknown
from runs.insight.capacity import Capacity, capacity, standing
from runs.insight.damages import rechecked
from runs.records.workers import SweeperPass, Worker

POOLS: Final = {
    "io": "waits for models, services and people",
    "cpu": "computes",
    "all": "both",
}
STANDINGS: Final = {"alive": ("ok", "Alive"), "silent": ("bad", "Silent"), "left": ("none", "Left")}
FOUND: Final = {"recovered": "taken back", "given_up": "given up", "woken": "woken", "nudged": "pools told"}


@require_safe
def workers(request: HttpRequest) -> HttpResponse:
    """For operators and owners."""
    refuse_unknown(request.GET)
    actor = actor_of(request)
    now, contents = capacity(actor), rechecked(actor)
    context = {
        "now": now,
        "warnings": list(_warnings(now)),
        "workers": [_row(worker) for worker in now.workers],
        "queues": [{"queue": queue, "pool": POOLS[queue.pool]} for queue in now.queues],
        "facts": _facts(now),
        "found": _found(now.sweeper.last),
        "contents": contents,
    }
    return render(request, "runs/workers.html", context)


def _warnings(now: Capacity) -> list[tuple[str, str]]:
    """What somebody must do something about, each with what."""
    said = []
    if now.sweeper.late:
        said.append(
            (
                "The sweeper does not look.",
                "What waits, and what dead workers left, lies until it does: start “manage.py sweep --loop”.",
            )
        )
    if not now.alive:
        said.append(("No worker is alive.", "Nothing is executed until one is: start “manage.py worker”."))
    for pool in now.deserted if now.alive else ():
        said.append(
            (
                f"Runs wait in the pool “{pool}”, and no worker serves it.",
                f"Start “manage.py worker --pool {pool}”.",
            )
        )
    if now.lacking:
        said.append(
            (
                f"{now.lacking} {'runs find' if now.lacking > 1 else 'run finds'} no capable worker.",
                "The code that their release pinned is on no worker that looked: start one that has it.",
            )
        )
    return said


def _row(worker: Worker) -> dict[str, Any]:
    tone, word = STANDINGS[standing(worker)]
    each = "process" if worker.forked else "thread"
    return {
        "worker": worker,
        "tone": tone,
        "word": word,
        "pool": POOLS[worker.pool],
        "slots": f"{worker.slots} {each}{'' if worker.slots == 1 else 'es' if worker.forked else 's'}",
        "megabytes": round(worker.memory / 1_000_000),
        "gone": worker.left_at is not None,
    }


def _facts(now: Capacity) -> list[dict[str, Any]]:
    expired = f"{now.leases.expired} expired" if now.leases.expired else "none expired"
    waiting = sum(queue.waiting for queue in now.queues)
    oldest = min((queue.oldest for queue in now.queues), default=None)
    return [
        {"label": "Workers alive", "value": str(len(now.alive))},
        {"label": "Capacity", "value": f"{now.busy} of {now.slots} busy"},
        {"label": "Leases held", "value": str(now.leases.held), "small": expired},
        {
            "label": "Runs waiting",
            "value": str(waiting),
            **({"before_at": "the oldest since", "at": oldest} if oldest else {}),
        },
    ]


def _found(last: SweeperPass | None) -> str:
    """What the last pass that found something found."""
    return (
        ", ".join(f"{last.found[name]} {word}" for name, word in FOUND.items() if last.found.get(name))
        if last
        else ""
    )
