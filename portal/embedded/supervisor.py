"""Run the whole portal from one command: services, tables, static files, then the processes."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType

import httpx

from portal.embedded import environment, preparation
from portal.embedded.child import Child, Plan
from portal.embedded.environment import Service
from portal.embedded.errors import EmbeddedError
from portal.embedded.follow import Follower
from portal.embedded.journal import Journal, journal_of_the_start, journal_to_terminal
from portal.embedded.listening import listen
from portal.embedded.processes import keeper_command, sweeper_command, web_command, worker_command
from portal.env import ROOT

DEFAULT_PORT = 8000
KEEPER = "keeper"
DISPENSABLE = frozenset({KEEPER, "witness"})
TICK_SECONDS = 0.25
GRACE_SECONDS = 7.0  # for steps in hand; with the services' own time, Ctrl-C takes less than ten seconds
WEB_PATIENCE_SECONDS = 60.0


@dataclass
class Portal:
    """What runs, and where it answers."""

    url: str
    start_beside: Callable[[str, list[str]], None]
    children: dict[str, int | None] = field(default_factory=dict)


class Supervisor:
    """Keeps services and processes running until `stop`. Use it through `running`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._services: list[Service] = []
        self._followers: list[Follower] = []
        self._children: list[Child] = []
        self._open = ExitStack()
        self._watcher: threading.Thread | None = None
        self._ending = threading.Event()
        self.failed = threading.Event()
        self._hurry = threading.Event()

    def start(self, *, web: bool, worker: bool, sweeper: bool, keeper: bool, port: int | None) -> Portal:
        """Bring everything up, in order; raises `EmbeddedError` with what did not come up."""
        self._start_services()
        environment.fill()
        preparation.migrate(self._journal)
        preparation.look_at_protection()
        portal = Portal("", self._add_beside)
        if worker:
            self._add("worker", worker_command())
        if sweeper:
            self._add("sweeper", sweeper_command())
        if keeper:
            self._add(KEEPER, keeper_command())
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()
        if web:
            portal.url = self._start_web(port)
        portal.children = {child.plan.name: child.pid for child in self._children}
        return portal

    def _start_web(self, port: int | None) -> str:
        waiting = self._open.enter_context(listen(port=port or DEFAULT_PORT, exactly=port is not None))
        preparation.collect_static(self._journal)
        self._add("web", web_command(waiting), descriptors=(waiting.fileno(),))
        found = waiting.getsockname()[1]
        if port is None and found != DEFAULT_PORT:
            self._journal.say("portal", f"port {DEFAULT_PORT} is taken: serving on {found}")
        url = f"http://127.0.0.1:{found}"
        self._await_web(url)
        return url

    def _start_services(self) -> None:
        for service in environment.services():
            self._followers.append(Follower(service.name, service.places.log / f"{service.name}.log"))
            service.places.prepare()
            service.tenancy.enter()
            self._services.append(service)
            began = time.monotonic()
            borrowed = service.alive()
            service.ensure()
            how = "is running" if borrowed else f"started in {time.monotonic() - began:.1f} s"
            self._journal.say("portal", f"{service.name} {how} (process {service.pid()})")

    def _add(self, name: str, command: list[str], *, descriptors: tuple[int, ...] = ()) -> None:
        # Only `migrate` may use the owner's address: what serves people and runs steps never sees it. Set to
        # nothing and not left out, or `.env` would be asked for it.
        # The role by which the ledger is signed, and the key under which it is, are the keeper's alone.
        handed_down = {**os.environ, "OWNER_DATABASE_URL": "", "PYTHONUNBUFFERED": "1"}
        if name == KEEPER:
            handed_down["DATABASE_URL"] = environment.keepers_address()
        else:
            handed_down |= {"LEDGER_DATABASE_URL": "", "LEDGER_KEY_FILE": ""}
        self._begin(name, command, handed_down, descriptors)

    def _add_beside(self, name: str, command: list[str]) -> None:
        """Keep one more process running, which is told nothing of the portal: no address, no key."""
        self._begin(name, command, {"PATH": os.environ.get("PATH", os.defpath), "PYTHONUNBUFFERED": "1"}, ())

    def _begin(
        self, name: str, command: list[str], handed_down: dict[str, str], descriptors: tuple[int, ...]
    ) -> None:
        # Without the keeper decisions are refused after a minute; runs, pages and the way back go on.
        plan = Plan(name, command, ROOT, handed_down, descriptors, given_up=name not in DISPENSABLE)
        child = Child(plan, self._journal)
        child.start()
        self._children.append(child)

    def _watch(self) -> None:
        """Tend processes and services until the end; a child given up ends the whole."""
        while not self._ending.wait(TICK_SECONDS):
            for follower in self._followers:
                follower.relay(self._journal)
            self._tend_services()
            given_up = [child for child in list(self._children) if not child.tend()]
            if given_up:
                self.failed.set()
                return

    def _tend_services(self) -> None:
        for service in self._services:
            if service.pid() is None and not self._ending.is_set():
                self._journal.say("portal", f"{service.name} has ended; starting it again")
                try:
                    service.ensure()
                except (EmbeddedError, OSError) as problem:
                    self._journal.say("portal", str(problem))

    def _await_web(self, url: str) -> None:
        deadline = time.monotonic() + WEB_PATIENCE_SECONDS
        while time.monotonic() < deadline and not self.failed.is_set():
            with suppress(httpx.TransportError):
                answer = httpx.get(f"{url}/healthz", timeout=5)
                if answer.is_error:
                    self._journal.say("portal", f"web answers, but /healthz says {answer.status_code}")
                return
            time.sleep(0.2)
        raise EmbeddedError("The web server did not come up; its last words are in the log above.")

    def stop(self) -> None:
        """End the processes together, then give the services up; what nobody else uses is stopped."""
        self._ending.set()
        if self._watcher:
            self._watcher.join(timeout=10)
        for child in self._children:
            child.ask_to_stop()
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline and not self._hurry.is_set():
            if all(child.stopped() for child in self._children):
                break
            time.sleep(0.05)
        for child in self._children:
            child.bury()
        self._open.close()
        for service in reversed(self._services):
            environment.leave(service, os.getpid())
        self._services.clear()

    def hurry(self) -> None:
        """Stop waiting for processes that are still finishing their work."""
        self._hurry.set()


@contextmanager
def running(
    *,
    web: bool = True,
    worker: bool = True,
    sweeper: bool = True,
    keeper: bool = True,
    port: int | None = None,
    quiet: bool = False,
) -> Iterator[Portal]:
    """The portal, up while the block runs and down after it, whatever ends the block.

    For a command of ours, in the main thread, with Django set up. SIGTERM and SIGHUP end it like Ctrl-C.
    `port` must be free when given; otherwise the first free one from 8000 on is taken. The log goes to
    `<var>/log/portal.log` and to the terminal, of which `quiet` leaves the portal's own lines, on stderr.
    Raises `EmbeddedError` when one fails.
    """
    here = environment.places()
    here.prepare()
    log = here.log / "portal.log"
    journal = journal_of_the_start(log) if quiet else journal_to_terminal(log)
    supervisor = Supervisor(journal)
    with ending_signals(supervisor):
        try:
            portal = supervisor.start(web=web, worker=worker, sweeper=sweeper, keeper=keeper, port=port)
            portal_ended = threading.Thread(target=_tell_main, args=(supervisor,), daemon=True)
            portal_ended.start()
            yield portal
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, lambda *_: supervisor.hurry())
            supervisor.stop()
            journal.close()


def _tell_main(supervisor: Supervisor) -> None:
    """A process that cannot be kept running ends the command, with the same signal as a person would use."""
    supervisor.failed.wait()
    with suppress(ProcessLookupError):
        os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def ending_signals(supervisor: Supervisor) -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into an orderly end; the previous handlers come back afterwards."""

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(1 if supervisor.failed.is_set() else 128 + number)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
