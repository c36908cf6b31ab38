"""Whoever decides a task sees what they decide on, whatever its class: the task is the reason."""

from uuid import UUID

from governance.accounts.models import User
from governance.errors import NotAllowed, WrongState
from runs.artifacts.classes import MASKED, most_protected
from runs.lineage.classes import classes_of
from runs.people.eligibility import Bar, standing
from runs.people.models import Task
from runs.people.subject import SUBJECT
from runs.reading.revealing import opened_for, revealed_to
from runs.reading.services import About

PURPOSE = "a decision on a task"


def about_task(task: Task) -> About:
    """What a task shows is of its run."""
    return About("task", task.pk, task.run)


def classes_in(task: Task) -> dict[UUID, str]:
    """How the contents of the task are classed in it; an edit is as protected as what is shown with it."""
    levels = {UUID(each["artifact"]): str(each["classification"]) for each in task.shown}
    if task.edited_id is not None:
        levels[task.edited_id] = most_protected([*levels.values(), levels.get(task.edited_id, "public")])
    return levels


def subject_in(task: Task) -> UUID | None:
    """The content that the task is about."""
    found = next((each["artifact"] for each in task.shown if each["name"] == SUBJECT), None)
    return UUID(found) if found else None


def reveal_to_decide(task: Task, *, actor: User, session: str) -> None:
    """Commit that somebody who may decide the task reveals what it shows.

    Raises `NotAllowed` for who may not decide it, `WrongState` once nobody can any more.
    """
    if obstacle := standing(task, actor):
        if obstacle.bar in {Bar.CLOSED, Bar.OVERDUE}:
            raise WrongState(obstacle.sentence)
        raise NotAllowed(obstacle.sentence, missing="decide")
    levels = classes_of(classes_in(task).keys(), classes_in(task))
    masked = {content for content, level in levels.items() if level in MASKED}
    if wanted := masked - revealed_to(actor, session, masked):
        reason = f"To decide “{task.title}”."
        opened_for(
            about_task(task), contents=wanted, actor=actor, session=session, purpose=PURPOSE, reason=reason
        )
