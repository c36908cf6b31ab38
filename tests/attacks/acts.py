"""Attacks that are acts and no statements: each says itself how it ended."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from tests.factories.cast import Company
from tests.harness.fresh import FreshDatabase


class Setting(NamedTuple):
    """Where an attack happens: a database of its own, the company in it, and a folder."""

    database: FreshDatabase
    company: Company
    folder: Path


Act = Callable[[Setting], str]


class ActCase(NamedTuple):
    """One attack: what it is called, what it does, and how it must end."""

    name: str
    act: Act
    expected: str


CASES: Final[list[ActCase]] = []


def ends(expected: str, name: str) -> Callable[[Act], Act]:
    """Add the act to the table."""

    def added(act: Act) -> Act:
        CASES.append(ActCase(name, act, expected))
        return act

    return added
