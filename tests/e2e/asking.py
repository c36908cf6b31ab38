"""Runs of the demonstration's bank that wait: for an edit, an approval, a choice, and for a signal.

Executed by `manage.py shell` in the demonstration's own environment, so that its worker takes them on.
"""

import subprocess
import sys
from typing import Any

from portal.env import ROOT
from tests.e2e.portal_process import RunningPortal, demo_environment

EXECUTE = "from tests.e2e.asking import begin_all; begin_all()"
LETTER = "Dear bank, my card was charged twice on 3 November.\nPlease pay one of them back.\nA. Customer"
DRAFT = {
    "kind": "function",
    "key": "draft",
    "function": "redact_personal_data@1",
    "inputs": {"text": "$letter"},
    "next": "ask",
}
ASK = {"kind": "human_task", "key": "ask", "inputs": {"letter": "$letter"}, "team": "complaints-desk"}
WAYS = ["Pay it back", "Ask for a statement", "Refuse"]
WAITING: dict[str, dict[str, Any]] = {
    "reply-check": ASK
    | {
        "task": "edit",
        "title": "Correct the reply before it is sent",
        "subject": "draft.text",
        "instructions": "Read the letter first.\nKeep the first sentence.",
        "timeout_s": 86_400,
    },
    "refund-approval": ASK | {"task": "approve", "title": "Approve the refund", "timeout_s": 7200},
    "refund-choice": ASK | {"task": "choose", "title": "What shall be done?", "choices": WAYS},
    "payment-wait": {"kind": "wait_event", "key": "ask", "event": "payment.received", "timeout_s": 7200},
}


def begin_waiting(portal: RunningPortal) -> None:
    """Begin them, and wait until the worker has brought each to where it waits."""
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", EXECUTE]
    subprocess.run(command, cwd=ROOT, env=demo_environment(portal.var), check=True, timeout=120)


def begin_all() -> None:
    """In the demonstration's environment: four workflows, their releases and a run of each."""
    from portal.demo.cast import assemble
    from runs.records.models import Run
    from tests.waiting import wait_until

    cast = assemble()
    runs = [_begun(cast, slug, node) for slug, node in WAITING.items()]
    waiting = Run.objects.filter(pk__in=runs, state=Run.State.WAITING)
    wait_until(lambda: waiting.count() == len(runs), "the runs wait", within=60)


def _begun(cast: Any, slug: str, node: dict[str, Any]) -> Any:
    from governance.access.permissions import Role
    from governance.approvals.models import Vote
    from governance.approvals.services import vote
    from governance.catalog.models import Asset
    from governance.catalog.services import create_asset, create_version
    from governance.releases.services import activate, submit_release
    from runs.durable.start import start_run

    author, operator = cast.people[Role.AUTHOR], cast.people[Role.OPERATOR]
    asset = create_asset(cast.project, actor=author, kind=Asset.Kind.WORKFLOW, slug=slug, purpose="Waits")
    content = {
        "inputs": [{"name": "letter", "classification": "internal"}],
        "nodes": [DRAFT, node],
        "start": "draft",
        "output": "ask",
    }
    version = create_version(asset, actor=author, content=content, message="First version")
    production, approver = cast.environments["production"], cast.people[Role.APPROVER]
    release = submit_release(version, actor=author, environment=production, notes="It asks the desk.")
    digest, approve = release.digest, Vote.Decision.APPROVE
    vote(release.request, actor=approver, decision=approve, reason="Reviewed.", digest=digest)
    activate(release, actor=operator, reason="Begin.")
    run, _ = start_run(
        asset,
        actor=operator,
        environment=production,
        inputs={"letter": LETTER},
        reference=f"CASE-{slug}",
    )
    return run.pk
