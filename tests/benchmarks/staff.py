"""The processes of the product that are measured, started with its own commands: workers and sweeper."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from portal.embedded.processes import sweeper_command, worker_command
from portal.env import ROOT
from tests.benchmarks.telling import tell
from tests.harness.fresh import FreshDatabase
from tests.waiting import wait_until

Hired = subprocess.Popen[bytes]


class Staff:
    """Workers and sweeper of one database. Use it as a context: whatever ends the block ends them."""

    def __init__(self, database: FreshDatabase, **environment: str) -> None:
        self._environment = {**os.environ, **database.environment(), "OWNER_DATABASE_URL": "", **environment}
        self._folder = Path(tempfile.mkdtemp(prefix="countersign-bench-"))
        self.workers: list[Hired] = []
        self.others: list[Hired] = []

    def __enter__(self) -> "Staff":
        return self

    def __exit__(self, problem: type[BaseException] | None, *_: object) -> None:
        for process in [*self.workers, *self.others]:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in [*self.workers, *self.others]:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill(process)
        if problem is None:
            shutil.rmtree(self._folder, ignore_errors=True)
        else:
            tell(f"What the processes said is in {self._folder}.")

    def hire(self, number: int = 1) -> None:
        """Start that many workers, and wait until they are ready."""
        started = []
        for index in range(len(self.workers), len(self.workers) + number):
            started.append((self._start(f"worker{index}", worker_command()), self.log(f"worker{index}")))
        for worker, log in started:
            self.workers.append(worker)
            wait_until(
                lambda log=log, worker=worker: " ready." in log.read_text() or worker.poll() is not None,  # type: ignore[misc]
                "the worker is ready",
            )
            if worker.poll() is not None:
                raise SystemExit(f"A worker did not start:\n{log.read_text()[-3000:]}")

    def engage_sweeper(self) -> None:
        """Start the product's sweeper, which looks every second."""
        self.others.append(self._start("sweeper", sweeper_command()))

    def log(self, name: str) -> Path:
        """What a process has said."""
        return self._folder / f"{name}.log"

    def kill(self, process: Hired) -> None:
        """SIGKILL, to the process and whatever it started."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def rest(self, seconds: float) -> None:
        """Let that time pass; everybody must still be there afterwards."""
        time.sleep(seconds)
        if any(process.poll() is not None for process in [*self.workers, *self.others]):
            raise SystemExit("A process ended while nothing was to be done.")

    def pids(self) -> list[int]:
        """The processes that live."""
        return [found.pid for found in [*self.workers, *self.others] if found.poll() is None]

    def _start(self, name: str, command: list[str]) -> Hired:
        with self.log(name).open("wb") as words:
            return subprocess.Popen(
                command,
                cwd=ROOT,
                env=self._environment,
                stdout=words,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
