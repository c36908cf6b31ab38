"""Whether what runs would ask is open to their environment: a workflow at its start, a step as of now."""

from functools import lru_cache
from uuid import UUID

from governance.errors import WrongState
from governance.releases.models import Environment, Opening
from governance.releases.openings import is_open
from governance.releases.outward import in_words, shut_to
from runs.durable.asks import asked_from
from runs.durable.plans import plan_of
from runs.durable.visits import Visit


class NotOpen(WrongState):
    """What a run would ask is not open to its environment."""


@lru_cache(maxsize=1024)
def why_not_started(version: UUID, sha256: str, environment: Environment, openings: int) -> str:
    """Why runs of a workflow could not ask all that it names there, in words; empty when they can.

    As of when so many `openings` had been set in the organisation. None is ever taken back, so the number
    tells, and nothing is asked of the database as long as it stays the same.
    """
    plan = plan_of(version, sha256)
    shut = shut_to(environment, asked_from(plan, plan.workflow.start))
    return in_words(environment, shut) if shut else ""


def why_not_sent(visit: Visit, kind: Opening.Kind, name: str) -> str:
    """Why the step may not ask it, in words; empty when it may. Asked of the database each time."""
    held = visit.held
    if is_open(kind, name, organisation=held.organisation, environment=held.environment):
        return ""
    place = Environment.objects.get(pk=held.environment)
    return (
        f"“{name}” is not open to {place.name}, so nothing was sent. "
        "A platform owner opens it on the page “Endpoints”; then it can be tried again."
    )
