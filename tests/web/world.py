"""One of everything in Northwind Bank, for tests that ask who may open what."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from django.db import transaction

from governance.access.models import ApiToken
from governance.access.permissions import Scope
from governance.access.tokens import create_token
from governance.approvals.models import ApprovalRequest
from governance.catalog.models import Asset, Version
from governance.ledger.models import Event
from governance.proof.models import Checkpoint
from governance.releases.models import Release
from runs.artifacts.models import Artifact
from runs.lineage.subjects import SubjectKind
from runs.memory.models import Entry
from runs.people.models import Task
from runs.recalls.models import Recall
from runs.records.models import Run, Step
from runs.retention.models import Erasure, Hold
from runs.schedules.models import Schedule
from runs.webhooks.models import Webhook
from tests.factories.cast import NORTHWIND, RIVAL, Company
from tests.factories.evidence import prove
from tests.factories.recalls import collected, opened
from tests.factories.remembered import remembering
from tests.factories.retention import held, some_announced
from tests.factories.runs import begin, chain, complaint, finish, put_into_effect
from tests.factories.schedules import scheduled
from tests.factories.things import make_approved, make_release, make_version
from tests.factories.waits import asking, task_of, waiting
from tests.factories.webhooks import a_webhook

LETTER = "Dear bank, the canary of Northwind sings in this letter."


@dataclass(frozen=True)
class World:
    """Rows of Northwind; Rival Insurance has nothing but its people."""

    northwind: Company
    rival: Company
    waiting: Release
    approved: Release
    earlier: Release
    active: Release
    done: Run
    failed: Run
    queued: Run
    listening: Run
    task: Task
    step: Step
    artifact: Artifact
    memory: Entry
    webhook: Webhook
    schedule: Schedule
    recall: Recall
    hold: Hold
    erasure: Erasure
    token: ApiToken
    event: Event
    checkpoint: Checkpoint

    @property
    def request(self) -> ApprovalRequest:
        """The open request for approval."""
        return self.waiting.request

    @property
    def workflow(self) -> Asset:
        """The workflow in effect."""
        return self.active.workflow

    @property
    def version(self) -> Version:
        """Its version in effect."""
        return self.active.version


def build() -> World:
    """Write the world into the current database."""
    northwind = Company(NORTHWIND)
    earlier = put_into_effect(northwind, make_version(northwind, "workflow", chain(1)))
    newer = make_version(northwind, "workflow", chain(2), asset=earlier.workflow)
    active = put_into_effect(northwind, newer)
    broken = put_into_effect(northwind, make_version(northwind, "workflow", complaint(northwind)))
    done = finish(begin(northwind, active, LETTER, reference="NW-1"))
    failed = finish(begin(northwind, broken, LETTER))
    listening = finish(begin(northwind, _in_effect(northwind, waiting()), LETTER))
    asking_run = finish(begin(northwind, _in_effect(northwind, asking("approve")), LETTER))
    keeping = _in_effect(northwind, remembering())
    for letter in ("Ada", "Ada"):
        finish(begin(northwind, keeping, letter))
    step = Step.objects.filter(run=done).latest("position")
    if step.output is None:
        raise AssertionError("the run has no output")
    return World(
        northwind=northwind,
        rival=Company(RIVAL),
        waiting=make_release(northwind),
        approved=make_approved(northwind),
        earlier=earlier,
        active=active,
        done=done,
        failed=failed,
        queued=begin(northwind, active, LETTER),
        listening=listening,
        task=task_of(asking_run),
        step=step,
        artifact=step.output,
        memory=Entry.objects.get(number=1),
        webhook=a_webhook(northwind, release=active, name="Post room")[0],
        schedule=scheduled(northwind, active),
        hold=held(northwind, done),
        erasure=some_announced(northwind),
        recall=collected(opened(northwind, SubjectKind.OUTPUT, step.pk)),
        token=_token(northwind),
        event=Event.objects.about("run", done.pk)[0],
        checkpoint=_signed(northwind),
    )


def _token(company: Company) -> ApiToken:
    token, _ = create_token(
        company.operator,
        actor=company.operator,
        organisation=company.organisation,
        name="nightly",
        scopes=[Scope.READ],
        life=timedelta(days=1),
    )
    return token


def _signed(company: Company) -> Checkpoint:
    with TemporaryDirectory() as folder:
        prove(company, Path(folder))
    return Checkpoint.objects.of(company.organisation.pk)[0]


def _in_effect(company: Company, content: dict[str, Any]) -> Release:
    return put_into_effect(company, make_version(company, "workflow", content))


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written within is rolled back."""
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # as in Django's TestCase: what insists on a transaction of its own gets it
    with around:
        yield
        transaction.set_rollback(True)


MISSING = UUID("01900000-0000-7000-8000-000000000000")
