"""Databases for the attacks on the ledger where no test runs: on the tests' server, one for each attack."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import django
from django.test.utils import setup_test_environment

if TYPE_CHECKING:
    from tests.harness.fresh import FreshDatabase


class Tried(NamedTuple):
    """An attack on the ledger, the finding that must be made, and those that were."""

    name: str
    expected: str
    found: list[str]


def ledger_attacks() -> Iterator[Tried]:
    """Try each in turn; the databases are dropped again."""
    with _copies() as copies:
        from tests.attacks.act_cases import CASES as ACTS
        from tests.attacks.acts import Setting
        from tests.attacks.database_cases import CASES as REFUSED
        from tests.attacks.database_cases import tried
        from tests.attacks.ledger_trying import codes_found
        from tests.attacks.on_ledger import CASES
        from tests.factories.cast import NORTHWIND, Company

        for refused in REFUSED:
            with copies() as fresh:
                yield Tried(refused.name, refused.expected, [tried(refused, fresh)])
        for act in ACTS:
            with copies() as fresh, TemporaryDirectory() as folder:
                setting = Setting(fresh, Company(NORTHWIND), Path(folder))
                yield Tried(act.name, act.expected, [act.act(setting)])
        for case in CASES:
            with copies() as fresh, TemporaryDirectory() as folder:
                yield Tried(case.name, case.expected, codes_found(case, fresh, Path(folder)))


@contextmanager
def _copies() -> Iterator[Callable[[], AbstractContextManager["FreshDatabase"]]]:
    """How to have a database of one's own, on the tests' server."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    setup_test_environment()  # what a browser would ask is asked by Django's client
    from portal.embedded.environment import borrow
    from tests.factories.cast import hire
    from tests.harness.databases import Databases
    from tests.harness.environment import embedded, hasten
    from tests.harness.fresh import FreshDatabase

    if server := embedded():
        borrow(server)
        hasten(server)
    with closing(Databases(fill=hire)) as databases:

        @contextmanager
        def copy() -> Iterator[FreshDatabase]:
            name = databases.copy()
            databases.use(name)
            made = FreshDatabase(databases, name)
            yield made
            databases.drop(made.name)

        yield copy
