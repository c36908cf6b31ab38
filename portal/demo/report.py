"""What the demonstration prints: who can sign in, and what each run recorded."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from portal.demo.cast import ORGANISATION, PARTS, PROJECT, password
from portal.demo.experiments import FORK
from runs.people.models import Task
from runs.records.models import Run, Step


def run_facts(run: Run, *, portal_url: str) -> dict[str, Any]:
    """One run as the JSON report shows it; every value is read from its records."""
    steps = list(Step.objects.with_names().filter(run=run, state=Step.State.SUCCEEDED))
    producing = next((step for step in steps if run.output_id and step.output_id == run.output_id), None)
    models = {str(step.model_version): step for step in steps if step.model_version_id}
    return {
        "id": str(run.pk),
        "reference": run.reference,
        "state": run.state,
        "output_sha256": run.output.sha256 if run.output else None,
        "provenance_url": portal_url + reverse("runs:output", args=[producing.pk]) if producing else None,
        "prompt_versions": [str(step.prompt_version) for step in steps if step.prompt_version_id],
        "model_version": next(iter(models), None),
        "model_sha256": next((step.facts.get("weights_sha256") for step in models.values()), None),
        "release": str(run.release),
        "approved_by": [given["name"] for given in run.approvals],
        "tokens": run.tokens_in + run.tokens_out,
        "tokens_in": run.tokens_in,
        "tokens_out": run.tokens_out,
        "cost": f"{run.cost:f}",
        "seconds": _seconds(run),
        "error": run.error.stored() if run.error else None,
    }


def welcome(portal_url: str, runs: Sequence[Run]) -> str:
    """The closing words: the address, the sign-ins, and where to start."""
    lines = ["", f"  Countersign is at {portal_url}", "", f"  Everybody's password is  {password()}", ""]
    lines += [f"    {part.role or 'platform owner':<15} {part.email:<28} {part.name}" for part in PARTS]
    shown = [run_facts(run, portal_url="")["provenance_url"] for run in runs[-1:]]
    starts = [("An output to trace", url) for url in shown if url] + _starts()
    lines += ["", *(f"  {words + ':':<34} {portal_url}{url}" for words, url in starts)]
    return "\n".join([*lines, "", "  Ctrl-C stops everything; the data stays in var/ for the next time.", ""])


def _starts() -> list[tuple[str, str]]:
    """What waits for a person, and what was tried, with their addresses; each as far as it is there."""
    bank = {"project__slug": PROJECT[0], "project__organisation__slug": ORGANISATION[0]}
    tasks = Task.objects.undecided().filter(**bank).order_by("id")[:1]
    forks = Run.objects.filter(**bank, idempotency_key=FORK)
    return [
        *(("A reply that waits for a person", reverse("runs:task", args=[task.pk])) for task in tasks),
        *(
            ("Two prompts side by side", reverse("runs:compare", args=[fork.source_id, fork.pk]))
            for fork in forks
        ),
        ("What proves the ledger", reverse("governance:proof")),
    ]


def _seconds(run: Run) -> float | None:
    if run.started_at is None or run.finished_at is None:
        return None
    return round((run.finished_at - run.started_at).total_seconds(), 3)
