"""A wire between a worker and PostgreSQL, to be cut when a statement went through, before its answer does."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, quote, urlsplit

SOCKET = ".s.PGSQL.5432"
CHUNK = 65_536


class Wire:
    """Passes on what is said; of a statement that holds the `token`, the answer is kept."""

    def __init__(self, folder: Path, server: str) -> None:
        self._server, self._ends = server, list[socket.socket]()
        self._token: bytes | None = None
        self._cut = False
        self.kept = threading.Event()
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._door.bind(str(folder / SOCKET))
        self._door.listen(64)
        threading.Thread(target=self._admit, daemon=True).start()

    def keep_answer_to(self, token: bytes, *, cut: bool = False) -> None:
        """Keep the answer to the next statement with these bytes; with `cut`, break the connection then."""
        self._token, self._cut = token, cut
        self.kept.clear()

    def close(self) -> None:
        """Nobody is connected any more."""
        for end in (self._door, *self._ends):
            with suppress(OSError):
                end.close()

    def _admit(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            server.connect(self._server)
            self._ends += [client, server]
            silent = threading.Event()
            for source, goal, asks in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._pass, args=(source, goal, silent, asks), daemon=True).start()

    def _pass(self, source: socket.socket, goal: socket.socket, silent: threading.Event, asks: bool) -> None:
        with suppress(OSError):
            while said := source.recv(CHUNK):
                if asks and self._token is not None and self._token in said:
                    self._token = None
                    silent.set()
                if not asks and silent.is_set():
                    self._keep(source, goal)
                    return
                goal.sendall(said)
        for end in (source, goal):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _keep(self, server: socket.socket, client: socket.socket) -> None:
        """The answer has come: the statement is committed. Nobody hears of it."""
        self.kept.set()
        if self._cut:
            for end in (client, server):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)


@contextmanager
def wired(address: str) -> Iterator[tuple[Wire, str]]:
    """A wire to the PostgreSQL of this address, and the address that leads through it."""
    [host] = parse_qs(urlsplit(address).query)["host"]
    with TemporaryDirectory(prefix="wire") as folder:
        wire = Wire(Path(folder), f"{host}/{SOCKET}")
        try:
            yield wire, address.replace(quote(host, safe=""), quote(folder, safe=""))
        finally:
            wire.close()
