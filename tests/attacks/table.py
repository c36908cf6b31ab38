"""The table of attacks on a bundle of evidence, to which each adds itself."""

from collections.abc import Callable
from typing import Final, NamedTuple

from runs.evidence.verifier.causes import Cause
from tests.attacks.draft import Draft

Change = Callable[[Draft], None]


class BundleCase(NamedTuple):
    """One attack: what it is called, what it does to an honest bundle, and what must be found."""

    name: str
    change: Change
    expected: Cause


CASES: Final[list[BundleCase]] = []


def attack(name: str, expected: Cause) -> Callable[[Change], Change]:
    """Add the function to the table."""

    def added(change: Change) -> Change:
        CASES.append(BundleCase(name, change, expected))
        return change

    return added
