"""Who is the last to leave, and which process is still the one that was recorded."""

import os
import subprocess
import sys
import threading
from pathlib import Path

from portal.embedded import records
from portal.embedded.locks import Tenancy
from portal.embedded.records import Record
from portal.env import ROOT
from tests.waiting import wait_until


def test_only_the_last_tenant_is_told_so(tmp_path: Path) -> None:
    first, second = Tenancy(tmp_path / "users"), Tenancy(tmp_path / "users")
    first.enter()
    second.enter()
    with first.leaving() as last:
        assert not last
    with second.leaving() as last:
        assert last


def test_nobody_leaves_twice(tmp_path: Path) -> None:
    tenant = Tenancy(tmp_path / "users")
    tenant.enter()
    with tenant.leaving() as first:
        assert first
    with tenant.leaving() as again:
        assert not again


def test_a_killed_tenant_does_not_count(tmp_path: Path) -> None:
    holder = (
        "import sys, time; from pathlib import Path; from portal.embedded.locks import Tenancy\n"
        "share = Tenancy(Path(sys.argv[1])); share.enter(); print('in', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path / "users")], cwd=ROOT, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"in\n"
        mine = Tenancy(tmp_path / "users")
        mine.enter()
        other.kill()
        other.wait()
        with mine.leaving() as last:
            assert last


def test_a_newcomer_waits_until_the_last_tenant_has_cleared_up(tmp_path: Path) -> None:
    leaver, newcomer = Tenancy(tmp_path / "users"), Tenancy(tmp_path / "users")
    leaver.enter()
    arrived, entered = threading.Event(), threading.Event()

    def arrive() -> None:
        arrived.set()
        newcomer.enter()
        entered.set()

    with leaver.leaving():
        arriving = threading.Thread(target=arrive)
        arriving.start()
        assert arrived.wait(timeout=60)
        assert not entered.wait(timeout=0.3)
    assert entered.wait(timeout=60)
    arriving.join()


def test_a_number_in_use_again_is_not_taken_for_the_old_process(tmp_path: Path) -> None:
    mine = Record.of(os.getpid())
    records.write(tmp_path / "record.json", mine)
    found = records.read(tmp_path / "record.json")
    assert found == mine
    assert mine.process()
    assert Record(pid=mine.pid, started=mine.started - 60).process() is None


def test_a_record_cut_short_is_no_record(tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text('{"pid": 1')
    assert records.read(tmp_path / "record.json") is None


def test_a_zombie_has_ended(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    record = Record.of(child.pid)
    assert record.process()
    child.kill()
    wait_until(lambda: record.process() is None)
    child.communicate()
