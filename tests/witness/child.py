"""A witness in a process of its own, as people start it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from cryptography.hazmat.primitives import serialization

from portal.env import ROOT
from tests.merkle.signers import WITNESS, WITNESS_NAME, log_key


@dataclass(frozen=True)
class Child:
    """Where it answers."""

    running: "subprocess.Popen[str]"
    said: str

    @property
    def url(self) -> str:
        return self.said.split(" at ")[1]

    def ask(self, body: bytes) -> httpx.Response:
        return httpx.post(f"{self.url}/add-checkpoint", content=body, timeout=60, trust_env=False)


def command(folder: Path, *trusted: str) -> list[str]:
    """To serve with the key and the memory of this folder."""
    key = folder / "witness.pem"
    if not key.exists():
        content = WITNESS.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        key.touch(mode=0o600)
        key.write_bytes(content)
    place = ["--key", str(key), "--state", str(folder / "seen"), "--listen", "127.0.0.1:0"]
    known = trusted or ("--log", log_key().vkey)
    return [sys.executable, "manage.py", "witness", "serve", *place, "--name", WITNESS_NAME, *known]


def environment(folder: Path) -> dict[str, str]:
    """Nothing of a portal's: no database, no keys."""
    return {"PATH": os.defpath, "COUNTERSIGN_VAR": str(folder / "nowhere")}


@contextmanager
def witness(folder: Path, *trusted: str) -> Iterator[Child]:
    """Serving while the block runs; killed at its end."""
    running = subprocess.Popen(
        command(folder, *trusted), cwd=ROOT, env=environment(folder), stdout=subprocess.PIPE, text=True
    )
    try:
        assert running.stdout is not None
        yield Child(running, running.stdout.readline().strip())
    finally:
        running.kill()
        running.communicate()
