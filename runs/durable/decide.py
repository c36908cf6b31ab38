"""Deciding what a run asks of people: the first decision counts, and the run goes on with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from psycopg.errors import IntegrityConstraintViolation

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.access.refusing import record_refusal
from governance.accounts.models import User
from governance.errors import Invalid, NotAllowed, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import storable
from runs.artifacts.store import TEXT, Content, checked, json_content, keep, ready
from runs.durable.wake import wake
from runs.people.eligibility import Bar, standing
from runs.people.models import Task
from runs.people.subject import subject_of
from runs.records.models import Run

DECIDED = ("state", "decision", "reason", "edited", "decided_by", "decided_by_name", "closed_at")
LARGEST_EDIT = 1_000_000
LONGEST_REASON = 2000


class TooLate(WrongState):
    """The time for the decision was over."""


def decide(task: Task, *, actor: User, decision: str, reason: str, value: Any = None) -> Task:
    """Decide a task, once; its run goes on with it.

    `decision` is one of `task.offers`; `value` is what an edit makes of the subject: a text, or any JSON
    value. Raises `NotVisible` by reach; `NotAllowed` for who is not asked, or started the run that asks for
    an approval in a protected environment; `WrongState` once it is decided, withdrawn or its time is over.
    Those two are recorded, the last as late; repeated ones are counted. `Invalid` without a reason, or for
    what is no decision on it.
    """
    try:
        with transaction.atomic():
            return _decide(task, actor=actor, decision=decision, reason=reason, value=value)
    except (NotAllowed, WrongState) as refusal:
        with transaction.atomic():
            _refused(task, actor, decision, refusal)
        raise


def _decide(task: Task, *, actor: User, decision: str, reason: str, value: Any) -> Task:
    run = _locked_run(task)
    related = ("run__environment", "team", "escalate_to")
    task = Task.objects.select_for_update(of=("self",)).select_related(*related).timed().get(pk=task.pk)
    authorise(actor, Permission.VIEW, project=run.project)
    _check(task, actor)
    if decision not in task.offers:
        raise Invalid("This is no decision on what is asked.", fields={"decision": "Choose one of those."})
    task.reason = storable(reason, field="reason", longest=LONGEST_REASON, missing="Say why you decide so.")
    edit = ready(_edited(task, decision, value), organisation=run.organisation_id)
    keep(edit, organisation=run.organisation_id)
    task.state, task.decision = Task.State.DECIDED, decision
    task.edited_id = edit[0].identifier if edit else None
    task.decided_by, task.decided_by_name = actor, actor.name
    task.closed_at = Now()
    with _asked_again():
        task.save(update_fields=DECIDED)
    task.refresh_from_db(fields=["closed_at"])
    facts = {"edited_sha256": edit[0].content.sha256} if edit else {}
    _record(Kind.TASK_DECIDED, task, actor, decision=decision, reason=task.reason, **facts)
    wake([run.pk])
    return task


def _refused(task: Task, actor: User, decision: str, refusal: NotAllowed | WrongState) -> None:
    late = isinstance(refusal, TooLate)
    moment = "late" if late else "closed"
    record_refusal(
        Kind.TASK_REFUSED,
        actor=actor,
        organisation=task.run.organisation_id,
        about=("task", task.pk),
        why=refusal.missing if isinstance(refusal, NotAllowed) else moment,
        run=task.run_id,
        details={
            "title": task.title,
            "node": task.node,
            "decision": decision[:100],
            "reason": refusal.message,
            **({"late": True} if late else {}),
        },
    )


def _locked_run(task: Task) -> Run:
    """The run before its task, always: so does whoever moves the run."""
    return Run.objects.select_for_update(of=("self",)).select_related("project").get(pk=task.run_id)


def _check(task: Task, actor: User) -> None:
    found = standing(task, actor)
    if found is None:
        return
    if found.bar == Bar.OVERDUE or task.state == Task.State.EXPIRED:
        raise TooLate(found.sentence)
    if found.bar == Bar.CLOSED:
        raise WrongState(found.sentence)
    missing = "separation of duties" if found.bar == Bar.OWN else "being asked"
    raise NotAllowed(found.sentence, missing=missing)


def _edited(task: Task, decision: str, value: Any) -> list[Content]:
    """What the edit makes of the subject, checked; nothing where nothing is edited. Raises `Invalid`."""
    if task.kind != Task.Kind.EDIT or decision != Task.EDITED:
        if value is not None:
            raise _wrong("Only an edit brings a value.")
        return []
    original = subject_of(task)
    if value is None or isinstance(value, str) != isinstance(original, str):
        raise _wrong(f"Give what you make of it, as {_kind(original)}: that is what it was.")
    if value == original:
        raise _wrong("You changed nothing: leave it as it is, or change it.")
    try:
        if isinstance(value, str):
            return [checked(value, media_type=TEXT, max_bytes=LARGEST_EDIT, what="Your edit")]
        return [json_content(value, max_bytes=LARGEST_EDIT, what="Your edit")]
    except Invalid as problem:
        raise _wrong(problem.message) from problem


def _kind(original: Any) -> str:
    return "a text" if isinstance(original, str) else "a JSON value"


def _wrong(words: str) -> Invalid:
    return Invalid(words, fields={"value": words})


@contextmanager
def _asked_again() -> Iterator[None]:
    """Save within this block: the database asks once more whether this may be decided, and by this person."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as problem:
        if not isinstance(problem.__cause__, IntegrityConstraintViolation):
            raise
        raise WrongState("Meanwhile nobody waits for this decision any more, or not for yours.") from problem


def _record(kind: Kind, task: Task, actor: User, **details: str) -> None:
    record(
        kind,
        actor=actor,
        organisation=task.run.organisation_id,
        about=("task", task.pk),
        run=task.run_id,
        details={"title": task.title, "node": task.node, **details},
    )
