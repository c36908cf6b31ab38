"""The model server of this checkout: SmolLM2-135M-Instruct behind an OpenAI-compatible endpoint."""

import importlib.util
import os
import socket
import sys
import time
from pathlib import Path

from portal.embedded import records
from portal.embedded.detached import launch
from portal.embedded.errors import NotInstalled
from portal.embedded.keyring import keyring
from portal.embedded.locks import Tenancy, exclusive
from portal.embedded.places import Places
from portal.embedded.weights import weights_file, weights_sha256
from portal.env import ROOT

PATIENCE_SECONDS = 60.0
PORT_PATIENCE_SECONDS = 3.0


class Model:
    """Starts the checkout's model server or borrows the one that runs.

    Two commands at once get the same server.
    """

    name = "model"
    setting = "LLM_BASE_URL"

    def __init__(self, places: Places) -> None:
        self.places = places
        self.tenancy = Tenancy(places.run / "model.users")

    def environment(self) -> dict[str, str]:
        """The address, key and digest to use; they hold before the first start: the port is chosen once."""
        require_wheel()
        record = records.read(self._record)
        return {
            "LLM_BASE_URL": record.address
            if record and record.process()
            else f"http://127.0.0.1:{self._port()}/v1",
            "LLM_API_KEY": keyring(self.places).model_key,
            "MODEL_WEIGHTS_SHA256": weights_sha256(self.places),
        }

    def ensure(self) -> None:
        """Have the server answering when this returns.

        Raises `NotInstalled`, or `EmbeddedError` with its last words.
        """
        require_wheel()
        weights_file()
        self.places.prepare()
        with exclusive(self.places.run / "model.lock"):
            if not self.alive():
                self._end()
                self._start()

    def _start(self) -> None:
        port = self._usable_port()
        launch(
            [
                sys.executable,
                "-m",
                "portal.embedded.model_process",
                f"--port={port}",
                f"--record={self._record}",
            ],
            log=self.places.log / "model.log",
            folder=ROOT,
            # Nothing else of ours: the code that reads what strangers wrote needs no database and no keys.
            environment={"PATH": os.defpath, "LLM_API_KEY": keyring(self.places).model_key},
            ready=self.alive,
            patience=PATIENCE_SECONDS,
        )

    def _port(self) -> int:
        """The port of this checkout: chosen free once and kept, so that the address survives restarts."""
        port = self._remembered_port()
        if not port:
            self.places.prepare()
            with exclusive(self.places.run / "port.lock"):
                port = self._remembered_port() or self._choose_port()
        return port

    def _remembered_port(self) -> int:
        try:
            return int(self._port_memory.read_text())
        except (OSError, ValueError):
            return 0

    def _choose_port(self) -> int:
        port = _some_free_port()
        self._port_memory.write_text(str(port))
        return port

    def _usable_port(self) -> int:
        """The checkout's port, or another when somebody else has taken it; a dying server is waited for."""
        port = self._port()
        deadline = time.monotonic() + PORT_PATIENCE_SECONDS
        while not _free(port):
            if time.monotonic() > deadline:
                return self._choose_port()
            time.sleep(0.05)
        return port

    @property
    def _port_memory(self) -> Path:
        return self.places.var / "model.port"

    @property
    def _record(self) -> Path:
        return self.places.run / "model.json"

    def pid(self) -> int | None:
        """The server's process number, or None when it does not run."""
        record = records.read(self._record)
        process = record.process() if record else None
        return process.pid if process else None

    def alive(self) -> bool:
        """Whether the server runs; it leaves its record only when the model has loaded."""
        return self.pid() is not None

    def stop(self) -> None:
        """Stop the server; nothing happens when it does not run."""
        if self.places.run.is_dir():
            with exclusive(self.places.run / "model.lock"):
                self._end()

    def _end(self) -> None:
        record = records.read(self._record)
        process = record.process() if record else None
        if process:
            records.stop(process, patience=5)
        self._record.unlink(missing_ok=True)


def require_wheel() -> None:
    """Raises `NotInstalled` where the server's wheel is missing."""
    if importlib.util.find_spec("xllamacpp") is None:
        raise NotInstalled(
            "The embedded model server is not installed (no prebuilt wheel for this platform?). "
            "Set LLM_BASE_URL, and LLM_API_KEY if it asks for one, to an OpenAI-compatible service."
        )


def _free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _some_free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
