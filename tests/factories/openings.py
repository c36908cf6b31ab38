"""What is open to which environment."""

from typing import Any

from governance.releases.models import Environment, Opening
from governance.releases.openings import set_opening
from tests.factories.cast import Company


def opened(company: Company, *environments: Environment, name: str = "bank", **more: Any) -> Opening:
    """What the platform owner sets; an endpoint unless told otherwise."""
    return set_opening(
        company.organisation,
        actor=company.owner,
        environments=environments,
        **{"kind": Opening.Kind.ENDPOINT, "name": name, "reason": "Tried out.", **more},
    )
