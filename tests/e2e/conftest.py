"""One demonstration for all browser tests of a run; skipped, with the reason, where no browser is."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e.asking import begin_waiting
from tests.e2e.browser import CHROMIUM, chromium
from tests.e2e.portal_process import RunningPortal, demo_portal
from tests.harness.folders import checkout


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's chromium."""
    if CHROMIUM is None:
        pytest.skip(
            "no chromium on this machine: install Debian's package `chromium` to run the browser tests"
        )
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def portal(browser: Browser) -> Iterator[RunningPortal]:
    """The demonstration with three letters, one answered under the first release and two under the second.

    Beside them, runs that wait for people and for a signal.
    """
    with checkout() as places, demo_portal(places.var, limit=3) as running:
        begin_waiting(running)
        yield running
