"""A broker that is away holds nobody up."""

import logging
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
from celery import current_app

from runs.durable.announce import announce


@pytest.fixture
def nobody() -> Iterator[None]:
    """The broker's address is one at which nobody answers."""
    before = current_app.conf.broker_url
    current_app.conf.update(broker_url="redis+socket:///nowhere/valkey.sock")
    yield
    current_app.conf.update(broker_url=before)


def test_a_broker_that_is_away_is_logged_and_not_waited_for(
    nobody: None, caplog: pytest.LogCaptureFixture
) -> None:
    began = time.monotonic()

    with caplog.at_level(logging.WARNING):
        announce([uuid4(), uuid4()], pool="io")

    assert time.monotonic() - began < 3
    assert "2 runs wait for the sweeper" in caplog.text
