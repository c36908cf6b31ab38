"""One supervised process: its words, its deaths, its end."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from portal.embedded.child import QUICK_DEATHS_ALLOWED, Child, Plan
from portal.embedded.journal import Journal
from portal.env import ROOT
from tests.embedded.conftest import kill
from tests.waiting import wait_until

Start = Callable[[str], Child]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A journal without a terminal."""
    made = Journal(tmp_path / "portal.log")
    yield made
    made.close()


@pytest.fixture
def start(tmp_path: Path, journal: Journal) -> Iterator[Start]:
    """Starts a Python script as a child named `worker`."""
    children: list[Child] = []

    def started(script: str) -> Child:
        plan = Plan(
            "worker", [sys.executable, "-u", "-c", script], tmp_path, dict(os.environ), first_delay=0.01
        )
        child = Child(plan, journal)
        child.start()
        children.append(child)
        return child

    yield started
    for child in children:
        child.bury()


def log(tmp_path: Path) -> str:
    return (tmp_path / "portal.log").read_text()


def test_each_line_is_written_with_the_name_of_its_writer(start: Start, tmp_path: Path) -> None:
    start(r"import sys; print('one\n'); sys.stderr.buffer.write(b'tw\xffo\n')")
    wait_until(lambda: "tw" in log(tmp_path))
    lines = log(tmp_path).splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == ["worker   | one", "worker   | tw�o"]


def test_a_process_that_is_killed_is_started_again(start: Start, tmp_path: Path) -> None:
    child = start("import time; time.sleep(60)")
    first = child.pid
    kill(first)
    wait_until(lambda: child.tend() and child.pid not in (None, first))
    assert "worker was ended by SIGKILL; starting it again in 0.01 s" in log(tmp_path)


def test_one_that_dies_again_and_again_is_given_up_with_its_last_words(start: Start, tmp_path: Path) -> None:
    child = start("raise SystemExit('no such table')")
    wait_until(lambda: not child.tend())
    wait_until(lambda: log(tmp_path).count("no such table") == QUICK_DEATHS_ALLOWED + 1)
    assert "died 6 times in a row" in log(tmp_path)


def test_one_that_the_others_can_do_without_is_never_given_up(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.embedded.child.LONGEST_PAUSE", 0.02)
    plan = Plan("keeper", ["false"], tmp_path, dict(os.environ), first_delay=0.01, given_up=False)
    child = Child(plan, journal)
    child.start()

    def died() -> int:
        assert child.tend()
        return log(tmp_path).count("keeper ended with code 1; starting it again")

    wait_until(lambda: died() > QUICK_DEATHS_ALLOWED + 2)
    assert "starting it again in 0.02 s" in log(tmp_path)
    child.bury()


def test_one_that_heeds_no_request_is_ended_with_what_it_started(start: Start, tmp_path: Path) -> None:
    script = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: print('not now'))\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print('grandchild', child.pid); time.sleep(60)"
    )
    child = start(script)
    wait_until(lambda: "grandchild" in log(tmp_path))
    grandchild = psutil.Process(int(log(tmp_path).split()[-1]))
    child.ask_to_stop()
    wait_until(lambda: "not now" in log(tmp_path))
    assert not child.stopped()

    child.bury()

    assert child.stopped()
    wait_until(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends a child with its parent")
def test_it_ends_when_its_supervisor_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, sys, time; from pathlib import Path\n"
        "from portal.embedded.child import Child, Plan; from portal.embedded.journal import Journal\n"
        "plan = Plan('worker', [sys.executable, '-c', 'import time; time.sleep(60)'], Path('/'), {})\n"
        "child = Child(plan, Journal(Path(sys.argv[1])))\n"
        "child.start(); print(child.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as supervisor:
        assert supervisor.stdout is not None
        orphan = psutil.Process(int(supervisor.stdout.readline()))
        supervisor.kill()
    wait_until(lambda: not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE)
