"""Fixtures for every test: the database as the application's role, a database of one's own, and the cast."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connections
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.database import DirectoryBasedExampleDatabase
from pytest_django import DjangoDbBlocker, Settings

from portal.embedded.environment import borrow
from runs.insight import found_by_name, found_by_text, found_close
from tests.factories.cast import NORTHWIND, RIVAL, Company, hire
from tests.harness.databases import Databases
from tests.harness.environment import PLACES, embedded, hasten
from tests.harness.fresh import FreshDatabase
from tests.harness.scheduling import ByFile
from tests.providers.serving import calling, endpoint_process, service_process, serving

__all__ = ["calling", "endpoint_process", "service_process", "serving"]

hypothesis_settings.register_profile(
    "suite",
    deadline=None,  # the machine is shared: a slow example is not a wrong one
    database=DirectoryBasedExampleDatabase(PLACES.var / "hypothesis"),
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.load_profile("suite")


@pytest.fixture(scope="session")
def databases(django_db_blocker: DjangoDbBlocker) -> Iterator[Databases]:
    """The server is up, the template and the cast are in place."""
    if server := embedded():
        borrow(server)  # stopped again when the last test process ends
        hasten(server)
    with django_db_blocker.unblock():
        made = Databases(fill=hire)
        yield made
        made.close()


@pytest.fixture(scope="session")
def django_db_setup(
    databases: Databases,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """In place of pytest-django's: `default` (the application) and `owner` point at this run's copy."""
    with django_db_blocker.unblock():
        name = databases.copy()
        databases.use(name)
        yield
        databases.use(name)
        databases.drop(name)


@pytest.fixture
def fresh_database(
    request: pytest.FixtureRequest,
    django_db_setup: None,  # afterwards the aliases point back at the run's copy
    databases: Databases,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[FreshDatabase]:
    """A database of this test's own, with the cast in it: real commits, as many connections as you like."""
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        pytest.fail("A test takes `db` (rolled back) or `fresh_database` (its own), not both.", pytrace=False)
    with django_db_blocker.unblock():
        before = connections.settings["default"]["NAME"]
        name = databases.copy()
        databases.use(name)
        made = FreshDatabase(databases, name)
        yield made
        databases.use(before)
        databases.drop(made.name)


@pytest.fixture(autouse=True)
def _searches_have_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine is shared: a search that takes long is given up only where that is what is tested."""
    for searching in (found_by_name, found_by_text, found_close):
        monkeypatch.setattr(searching, "PATIENCE_SECONDS", 60.0)


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> Path:
    """What has more than two hundred bytes is a file in the returned folder."""
    settings.ARTIFACT_INLINE_BYTES = 200
    backend = {"BACKEND": "runs.artifacts.storing.ArtifactFiles", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "artifacts": backend}
    return tmp_path


@pytest.fixture
def superuser(fresh_database: FreshDatabase) -> Iterator[psycopg.Connection]:
    """The administrator of the server, in this test's database."""
    server = embedded()
    if server is None:
        pytest.skip("needs the superuser of the embedded server")
    folder = str(server.socket_folder)
    with psycopg.connect(host=folder, user="postgres", dbname=fresh_database.name, autocommit=True) as made:
        yield made


@pytest.fixture
def transactional_db() -> None:
    """Refused: it empties tables by TRUNCATE afterwards, which the triggers of the ledger rightly forbid."""
    pytest.fail("Use `fresh_database`: the ledger's tables cannot be emptied after a test.", pytrace=False)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    """Two workers share the tests by file."""
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say the same of the marker that asks for it."""
    for item in items:
        marker = item.get_closest_marker("django_db")
        if marker and (marker.kwargs.get("transaction") or marker.args):
            raise pytest.UsageError(f"{item.nodeid}: use `fresh_database` instead of transaction=True.")


@pytest.fixture
def northwind(request: pytest.FixtureRequest) -> Company:
    """Northwind Bank and its people."""
    return _company(request, NORTHWIND)


@pytest.fixture
def rival(request: pytest.FixtureRequest) -> Company:
    """Rival Insurance, another organisation in the same installation, and its people."""
    return _company(request, RIVAL)


def _company(request: pytest.FixtureRequest, slug: str) -> Company:
    """The company, in whichever database the test has chosen; `db` when it has not."""
    if "fresh_database" not in request.fixturenames:
        request.getfixturevalue("db")
    return Company(slug)
