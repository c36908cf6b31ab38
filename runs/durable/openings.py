"""Whether what a step would ask is open to its run's environment, as of now."""

from governance.releases.models import Environment, Opening
from governance.releases.openings import is_open
from runs.durable.visits import Visit


def why_shut(visit: Visit, kind: Opening.Kind, name: str) -> str:
    """Why the step may not ask it, in words; empty when it may. Asked of the database each time."""
    held = visit.held
    if is_open(kind, name, organisation=held.organisation, environment=held.environment):
        return ""
    place = Environment.objects.get(pk=held.environment)
    return (
        f"“{name}” is not open to {place.name}, so nothing was sent. "
        "A platform owner opens it on the page “Endpoints”; then it can be tried again."
    )
