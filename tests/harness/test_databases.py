"""The databases of a run are dropped however long a session to them takes to end."""

import os
import signal
from contextlib import closing
from threading import Timer

import psycopg
import pytest

from tests.harness.databases import Databases
from tests.harness.environment import embedded

LONGER_THAN_POSTGRESQL_WAITS = 6.0


@pytest.mark.slow
def test_a_session_that_does_not_end_at_once_is_waited_for(
    databases: Databases, django_db_setup: None
) -> None:
    if embedded() is None:
        pytest.skip("the server's processes may be on another machine")
    name = databases.copy()
    with closing(psycopg.connect(**databases.address("default", database=name), autocommit=True)) as session:
        process = session.info.backend_pid
        os.kill(process, signal.SIGSTOP)
        waking = Timer(LONGER_THAN_POSTGRESQL_WAITS, os.kill, (process, signal.SIGCONT))
        waking.start()

        databases.drop(name)

        waking.join()
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")
