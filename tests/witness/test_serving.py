"""The witness as people run it: a process of its own, over HTTP, without anything of a portal."""

import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from governance.merkle.asking import LARGEST_ASKED
from governance.merkle.cosignature import verify_cosignature
from governance.merkle.note import Note
from portal.env import ROOT
from tests.merkle.signers import ORIGIN, WITNESS, log_key, witness_key
from tests.witness.child import Child, command, environment, witness
from tests.witness.logs import MemoryLog

HONEST = MemoryLog(300)
FORKED = MemoryLog(300, fork=100)
FUTURE = 2**40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("witness")


def test_it_cosigns_refuses_and_remembers(folder: Path) -> None:
    with witness(folder) as child:
        assert child.said.startswith(witness_key().vkey)
        found = child.ask(HONEST.asks(0, 200))
        assert found.status_code == 200
        note = Note(ORIGIN, 200, HONEST.root(200))
        assert verify_cosignature(found.content, witness_key(), note, FUTURE)
        _refusals(child)
        _hostile(child)
        second = subprocess.run(
            command(folder), cwd=ROOT, env=environment(folder), capture_output=True, text=True, check=False
        )
        assert second.returncode == 1
        assert "never more than one" in second.stderr
    with witness(folder) as child:
        assert child.ask(FORKED.asks(0, 250)).text == "200\n"
        assert child.ask(FORKED.asks(200, 250)).status_code == 422
        assert child.ask(HONEST.asks(200, 250)).status_code == 200
    assert not (folder / "nowhere").exists()


def _refusals(child: Child) -> None:
    found = child.ask(HONEST.asks(0, 250))
    assert (found.status_code, found.text) == (409, "200\n")
    assert found.headers["Content-Type"] == "text/x.tlog.size"
    assert child.ask(FORKED.asks(200, 200)).status_code == 409
    assert child.ask(FORKED.asks(200, 250)).status_code == 422
    assert child.ask(MemoryLog(3, origin="countersign.example/rival").asks(0, 3)).status_code == 404
    assert child.ask(HONEST.asks(0, 3).replace(b"\n3\n", b"\n4\n")).status_code == 403
    assert child.ask(b"old 0\n").status_code == 400
    assert httpx.get(f"{child.url}/add-checkpoint", trust_env=False).status_code == 405
    assert httpx.get(f"{child.url}/", trust_env=False).status_code == 404


def _hostile(child: Child) -> None:
    """What is endless, huge or no HTTP ends a connection, and who asks beside it is answered."""
    with socket.create_connection(("127.0.0.1", int(child.url.rpartition(":")[2]))) as slow:
        slow.sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 100000\r\n\r\nold 0\n")
        assert child.ask(HONEST.asks(200, 200)).status_code == 200
    assert child.ask(b"x" * (LARGEST_ASKED + 2)).status_code == 413
    assert child.ask(b"x" * LARGEST_ASKED).status_code == 400
    with socket.create_connection(("127.0.0.1", int(child.url.rpartition(":")[2]))) as rude:
        rude.sendall(b"\x00\xff\n\n")
        assert b" 200 " not in rude.recv(4096)
    assert child.ask(HONEST.asks(200, 200)).status_code == 200


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--log", "nonsense"], "verifier key"),
        (["--log", witness_key(WITNESS).vkey], "not a log's"),
        (["--log", log_key().vkey, "--listen", "nowhere"], "HOST:PORT"),
        (["--log", log_key().vkey, "--name", "a b"], "no blanks"),
        (["--log", log_key().vkey, "--key", "/nowhere/key.pem"], "cannot be read"),
        (["--listen", "127.0.0.1:0"], "Name a log"),
    ],
)
def test_a_wrong_flag_is_said(flags: list[str], said: str, folder: Path) -> None:
    found = subprocess.run(
        [*command(folder, *flags)],
        cwd=ROOT, env=environment(folder), capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert found.returncode != 0
    assert said in " ".join(found.stderr.split())
    assert "Traceback" not in found.stderr


def test_a_new_key_is_private_and_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    make = [sys.executable, "manage.py", "witness", "new-key", "--key", str(path), "--name", "w.example"]
    first = subprocess.run(
        make, cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True, check=True
    )
    again = subprocess.run(
        make, cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True, check=False
    )

    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("w.example+")
    assert path.stat().st_mode & 0o777 == 0o600
    assert again.returncode == 1
    assert "never written over" in again.stderr
