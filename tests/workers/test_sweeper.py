"""`manage.py sweep --loop`: it wakes what nobody looks at, and costs next to nothing when all is well."""

import signal
import time

import psycopg
import pytest
from django.db import connection

from runs.durable.claim import claim
from runs.records.models import Run
from runs.records.workers import SweeperPass, Worker
from tests.chaos.floor import Floor, start, states
from tests.factories.cast import Company
from tests.factories.runs import expire
from tests.harness.fresh import FreshDatabase
from tests.waiting import wait_until

WINDOW = 5.0
WINDOWS = 6
# Leases are two seconds here, so a worker says 1.5 times a second that it is there, and not 0.2 times. On a
# machine that is busy with something else a window may hold one more, of a connection that was made anew.
AT_MOST = 1.7 + 1.5 - 0.2 + 1 / WINDOW
OWN = 3  # the connection that counts: its own beginning, and what it asked
TRANSACTIONS = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"


def test_it_takes_runs_back_without_any_worker_s_help_and_leaves_in_order(
    floor: Floor, northwind: Company
) -> None:
    [run] = start(northwind, 1, 1)
    claim(run.pk, worker="dead")
    expire(run)

    sweeper = floor.watch()
    wait_until(lambda: Run.objects.get(pk=run.pk).state == "ready", "it is taken back")
    wait_until(SweeperPass.objects.exists, "the pass is told")
    floor.hire()
    wait_until(lambda: states() == {"succeeded"}, "a worker was told")

    sweeper.send_signal(signal.SIGTERM)
    assert sweeper.wait(timeout=60) == 0
    assert "1 taken back" in floor.words(sweeper)


@pytest.mark.slow
def test_nothing_to_do_costs_fewer_than_two_transactions_a_second(
    floor: Floor, fresh_database: FreshDatabase
) -> None:
    floor.hire()
    floor.watch()
    wait_until(lambda: Worker.objects.exists() and SweeperPass.objects.exists(), "both are at work")

    connection.close()  # with what it has asked reported
    with fresh_database.connect() as line:
        # What a backend did while it began, and a vacuum, may be counted late: one window is without them.
        rates = [rate_over(line, WINDOW)]
        while min(rates) > AT_MOST and len(rates) < WINDOWS:
            rates.append(rate_over(line, WINDOW))

    assert max(rates) > 0.5, "nobody is at work"
    assert min(rates) <= AT_MOST, rates


def rate_over(line: psycopg.Connection, seconds: float) -> float:
    """Transactions per second that the worker and the sweeper ended within so many seconds."""
    before = transactions(line)
    began = time.monotonic()
    time.sleep(seconds)
    return (transactions(line) - before - OWN) / (time.monotonic() - began)


def transactions(line: psycopg.Connection) -> int:
    """Of this database, since ever; what backends have not reported yet is not among them."""
    found = line.execute(TRANSACTIONS).fetchone()
    assert found is not None
    return int(found[0])
