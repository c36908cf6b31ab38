"""Somebody at the browser, and the world, built once for a file of tests that only look at it."""

from collections.abc import Iterator

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from tests.harness.databases import Databases
from tests.visiting import Browsing, visitor
from tests.web.world import World, build


@pytest.fixture
def browsing() -> Browsing:
    """A browser in which this person is signed in."""
    return visitor


@pytest.fixture(scope="module")
def world(django_db_setup: None, databases: Databases, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A database for this file alone, with one of everything. What a test writes, it undoes: `undone()`."""
    with django_db_blocker.unblock():
        before = connections.settings["default"]["NAME"]
        name = databases.copy()
        databases.use(name)
        yield build()
        databases.use(before)
        databases.drop(name)
