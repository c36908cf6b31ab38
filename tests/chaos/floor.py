"""Real workers on a real broker, to be killed, stopped and woken by tests."""

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import pytest
from celery import current_app
from django.db import connection

from portal.embedded.places import Places
from portal.embedded.processes import sweeper_command, worker_command
from portal.embedded.valkey import Valkey
from portal.env import ROOT
from runs.durable.machine import UNDER_WAY
from runs.durable.sweep import sweep
from runs.records.models import Run
from tests.chaos.gates import Gates
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, released
from tests.harness.fresh import FreshDatabase
from tests.waiting import wait_until

LEASE_SECONDS = 2.0
MOST_MEMORY = 150_000_000  # of each process of a worker, whatever happens to it


class Broker(Protocol):
    """What carries the messages: it can be stopped, and be there again."""

    def environment(self) -> dict[str, str]:
        """Its address, for a worker."""

    def ensure(self) -> None:
        """Have it running when this returns."""

    def stop(self) -> None:
        """Stop it."""


class Floor:
    """The shop floor of one test: its workers, its broker, and the witness file they write to."""

    def __init__(self, database: FreshDatabase, broker: Broker, folder: Path) -> None:
        self.broker = broker
        self.witness = folder / "witness.txt"
        self.witness.touch()
        self.gates = Gates(folder / "gates")
        self._folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        self.sweepers: list[subprocess.Popen[bytes]] = []
        self.environment = {
            **os.environ,
            **database.environment(),
            **broker.environment(),
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "STEP_FUNCTION_MODULES": "tests.durable.step_functions,tests.chaos.effects",
            "WITNESS_FILE": str(self.witness),
            "GATES": str(self.gates.folder),
            "LEASE_SECONDS": str(LEASE_SECONDS),
        }

    def hire(
        self,
        *,
        seconds: float = 0.0,
        concurrency: int = 4,
        pool: str = "all",
        ready: bool = True,
        **environment: str,
    ) -> "subprocess.Popen[bytes]":
        """Start a worker whose witness steps take this long; usually wait until it is ready."""
        log = self._log(len(self.workers))
        with log.open("wb") as words:
            worker = subprocess.Popen(
                worker_command(pool=pool, slots=concurrency),
                cwd=ROOT,
                env={**self.environment, **environment, "WITNESS_SECONDS": str(seconds)},
                stdout=words,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.workers.append(worker)
        if not ready:
            return worker
        wait_until(lambda: " ready." in log.read_text() or worker.poll() is not None, "the worker is ready")
        # Once ready it may die at once: of the first step that it takes.
        assert " ready." in log.read_text(), log.read_text()
        return worker

    def watch(self) -> "subprocess.Popen[bytes]":
        """Start the process that looks for what nobody looks at; it is dismissed with the workers."""
        with self._log(len(self.sweepers), "sweeper").open("wb") as words:
            sweeper = subprocess.Popen(
                sweeper_command(),
                cwd=ROOT,
                env=self.environment,
                stdout=words,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.sweepers.append(sweeper)
        return sweeper

    def words(self, member: "subprocess.Popen[bytes]") -> str:
        """What the worker or sweeper has logged until now."""
        if member in self.sweepers:
            return self._log(self.sweepers.index(member), "sweeper").read_text()
        return self._log(self.workers.index(member)).read_text()

    def _log(self, number: int, what: str = "worker") -> Path:
        return self._folder / f"{what}{number}.log"

    def waiting(self) -> int:
        """How many messages wait."""
        with current_app.connection_for_read() as broker:
            channel: Any = broker.default_channel
            return int(channel.client.llen("runs"))

    def heard(self) -> bool:
        """Whether no message waits any more."""
        return self.waiting() == 0

    def flush(self) -> None:
        """The broker forgets everything that it held: messages, those in hand, queues."""
        with current_app.connection_for_read() as broker:
            channel: Any = broker.default_channel
            channel.client.flushall()

    def steal(self) -> list[bytes]:
        """The messages that wait, so that nobody gets them."""
        with current_app.connection_for_read() as broker:
            channel: Any = broker.default_channel
            found: list[bytes] = channel.client.lrange("runs", 0, -1)
            channel.client.delete("runs")
            return found

    def give_back(self, messages: list[bytes]) -> None:
        """Messages that were stolen come at last, in this order."""
        with current_app.connection_for_read() as broker:
            channel: Any = broker.default_channel
            channel.client.rpush("runs", *messages)

    def kill(self, worker: "subprocess.Popen[bytes]") -> None:
        """SIGKILL, to the worker and whatever it started."""
        with suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def dismiss(self) -> None:
        """Nobody is left."""
        for member in (*self.workers, *self.sweepers):
            with suppress(ProcessLookupError):
                os.killpg(member.pid, signal.SIGCONT)
            self.kill(member)

    def lines(self) -> list[str]:
        """The witness file."""
        return self.witness.read_text().splitlines()

    def doubled(self) -> list[str]:
        """What was witnessed more than once."""
        return [line for line, times in Counter(self.lines()).items() if times > 1]

    def settle(self) -> None:
        """Sweep, as the sweeper would, until no run is on its way."""

        def settled() -> bool:
            sweep()
            return not Run.objects.filter(state__in=UNDER_WAY).exists()

        wait_until(settled, "every run has ended", every=0.3)


def start(company: Company, steps: int, runs: int) -> list[Run]:
    """Runs whose witness lines name the run and the node."""
    content = chain(steps, function="witness@1")
    for node in content["nodes"]:
        node["settings"] = {"mark": node["key"]}
    release = released(company, content)
    return [begin(company, release, f"run-{n}", reference=f"run-{n}") for n in range(runs)]


def states() -> set[str]:
    """The states in which runs are."""
    return set(Run.objects.values_list("state", flat=True))


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """A broker of these tests' own."""
    broker = Valkey(Places(tmp_path_factory.mktemp("broker")))
    broker.ensure()
    yield broker
    broker.stop()


@pytest.fixture
def floor(fresh_database: FreshDatabase, valkey: Valkey, tmp_path: Path) -> Iterator[Floor]:
    """Nobody hired yet; this process publishes to the same broker."""
    valkey.ensure()
    use_broker(valkey.environment()["BROKER_URL"])
    found = Floor(fresh_database, valkey, tmp_path)
    yield found
    found.dismiss()
    forget_messages()
    use_broker("memory://")
    connection.close()


def forget_messages() -> None:
    """Those that wait, and those that a killed worker had taken."""
    current_app.control.purge()
    with current_app.connection_for_read() as broker:
        channel: Any = broker.default_channel
        channel.client.delete("unacked", "unacked_index")


def use_broker(url: str) -> None:
    """From now on this process publishes there."""
    current_app.conf.update(broker_url=url)
    current_app.close()  # drops the pool of connections to the old address
