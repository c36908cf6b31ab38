"""RabbitMQ and Redis as Debian packages them, each on ports of its own and with nothing kept."""

import os
import shutil
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

from tests.waiting import wait_until

RABBITMQ = "/usr/lib/rabbitmq/bin/rabbitmq-server"
EPMD = "/usr/bin/epmd"
PATIENCE_SECONDS = 90.0  # the first start of RabbitMQ takes ten seconds of a quiet processor


class Server:
    """A broker that a test starts, stops and starts again at the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._running: list[subprocess.Popen[bytes]] = []

    @staticmethod
    def program() -> str | None:
        """Where it is installed, if it is."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """Its address for Celery."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """Its address, for a worker."""
        return {"BROKER_URL": self.url}

    def ensure(self) -> None:
        """Have it answer when this returns."""
        if not self._running:
            self._start()

    def _start(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        """Nobody is left of it, at once: as after a loss of power."""
        for process in self._running:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._running.clear()

    def _launch(self, *command: str, **environment: str) -> subprocess.Popen[bytes]:
        log = self._folder / f"{Path(command[0]).name}.log"
        with log.open("ab") as words:
            process = subprocess.Popen(
                command,
                env={"PATH": os.environ["PATH"], "HOME": str(self._folder), **environment},
                cwd=self._folder,
                stdout=words,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running.append(process)
        return process


class Redis(Server):
    """Redis, in memory."""

    @staticmethod
    def program() -> str | None:
        """The server itself."""
        return shutil.which("redis-server")

    @property
    def url(self) -> str:
        """On the loopback, without a password."""
        return f"redis://127.0.0.1:{self._port}/0"

    def _start(self) -> None:
        """Wait until it accepts connections."""
        words = ["--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._launch(self.program() or "redis-server", *words)
        wait_until(lambda: answers(self._port), "Redis answers", within=PATIENCE_SECONDS)


class RabbitMQ(Server):
    """RabbitMQ, with the directory of nodes (epmd) that Erlang would otherwise leave running."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._between, self._epmd = free_port(), free_port()

    @staticmethod
    def program() -> str | None:
        """The server itself: the one on the path would change to another account."""
        return RABBITMQ if Path(RABBITMQ).exists() and Path(EPMD).exists() else None

    @property
    def url(self) -> str:
        """On the loopback, as the guest that may come from there."""
        return f"amqp://guest:guest@127.0.0.1:{self._port}//"

    def _start(self) -> None:
        """Wait until it says that it has started."""
        (self._folder / "plugins").write_text("[].\n")
        log = self._folder / "rabbitmq-server.log"
        log.write_text("")
        self._launch(EPMD, "-port", str(self._epmd), "-address", "127.0.0.1")
        wait_until(lambda: answers(self._epmd), "the directory of nodes answers")
        process = self._launch(RABBITMQ, **self._settings())
        wait_until(
            lambda: "completed with" in log.read_text() or process.poll() is not None,
            "RabbitMQ has started",
            within=PATIENCE_SECONDS,
            every=0.2,
        )
        assert process.poll() is None, log.read_text()

    def _settings(self) -> dict[str, str]:
        here = str(self._folder)
        return {
            "RABBITMQ_NODENAME": f"countersign{self._port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(self._between),
            "RABBITMQ_MNESIA_BASE": f"{here}/mnesia",
            "RABBITMQ_LOG_BASE": f"{here}/log",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{here}/config",
            "RABBITMQ_CONF_ENV_FILE": f"{here}/none",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{here}/plugins",
            "ERL_EPMD_PORT": str(self._epmd),
        }


def free_port() -> int:
    """A port of the loopback at which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as line:
        line.settimeout(1)
        return line.connect_ex(("127.0.0.1", port)) == 0
