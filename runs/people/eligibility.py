"""Who may decide a task: one rule, for the pages, the service and the API."""

from dataclasses import dataclass
from enum import Enum, auto

from governance.access.gate import resolve
from governance.access.permissions import Permission
from governance.accounts.models import Team, User
from governance.policies.separation import barred_from_own
from runs.people.models import Task
from runs.people.starters import starters_of


class Bar(Enum):
    """What can keep somebody from deciding."""

    CLOSED = auto()
    OVERDUE = auto()
    OWN = auto()
    TOKEN = auto()
    NOT_ASKED = auto()


@dataclass(frozen=True)
class Obstacle:
    """What keeps one person from deciding, in a sentence to them."""

    bar: Bar
    sentence: str


def standing(task: Task, person: User) -> Obstacle | None:
    """What keeps the person from deciding, if anything does; always asked of the database.

    `task` is read with its run's environment and with `timed`; `TaskQuerySet.waiting_for` asks the same of
    the database for many.
    """
    if task.state != Task.State.OPEN:
        return Obstacle(Bar.CLOSED, closed_words(task))
    if getattr(task, "overdue", False):
        return Obstacle(Bar.OVERDUE, "The time for this task is over: the run goes on without a decision.")
    run = task.run
    if task.shielded and barred_from_own(protected=True, starters=starters_of(run), person=person.pk):
        which = "this run" if run.started_by_id == person.pk else "the run that this one was made from"
        words = f"You started {which}, so you cannot approve its task. Somebody else must."
        return Obstacle(Bar.OWN, words)
    if not _is_asked(task, person):
        return Obstacle(Bar.NOT_ASKED, f"This is asked of {asked_of(task)}.")
    if task.shielded and person.token is not None:
        return Obstacle(Bar.TOKEN, "An approval is given by a person at the browser, not by a token.")
    return None


def asked_of(task: Task) -> str:
    """Who is asked, in words."""
    first = f"the team {task.team.name}" if task.team else "those who may start and cancel the project's runs"
    if task.escalate_to and getattr(task, "escalates", False):
        return f"{first} and the team {task.escalate_to.name}"
    return first


def closed_words(task: Task) -> str:
    """How a closed task ended, in a sentence."""
    at = f"{task.closed_at:%-d %b %Y, %H:%M:%S} UTC" if task.closed_at else ""
    match task.state:
        case Task.State.DECIDED:
            return f"{task.decided_by_name} decided this at {at}."
        case Task.State.EXPIRED:
            return f"Nobody decided this in time: it expired at {at}."
    return f"This task was withdrawn at {at}: its run does not wait for it any more."


def _is_asked(task: Task, person: User) -> bool:
    asking = [task.team_id] if task.team_id else []
    if task.escalate_to_id and getattr(task, "escalates", False):
        asking.append(task.escalate_to_id)
    if asking and Team.objects.filter(pk__in=asking, group__user=person).exists():
        return True
    return task.team_id is None and resolve(person).allows(Permission.OPERATE, task.project_id)
