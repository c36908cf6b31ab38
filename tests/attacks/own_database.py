"""Databases for the attacks on the ledger where no test runs: on the tests' server, one for each attack."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import django


class Tried(NamedTuple):
    """An attack on the ledger, the finding that must be made, and those that were."""

    name: str
    expected: str
    found: list[str]


def ledger_attacks() -> Iterator[Tried]:
    """Try each in turn; the databases are dropped again."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from portal.embedded.environment import borrow
    from tests.attacks.ledger_trying import codes_found
    from tests.attacks.on_ledger import CASES
    from tests.factories.cast import hire
    from tests.harness.databases import Databases
    from tests.harness.environment import embedded, hasten
    from tests.harness.fresh import FreshDatabase

    if server := embedded():
        borrow(server)
        hasten(server)
    with closing(Databases(fill=hire)) as databases:
        for case in CASES:
            name = databases.copy()
            databases.use(name)
            with TemporaryDirectory() as folder:
                found = codes_found(case, FreshDatabase(databases, name), Path(folder))
            databases.drop(name)
            yield Tried(case.name, case.expected, found)
