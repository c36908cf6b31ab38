"""The peers, each in processes of its own: DBOS on our PostgreSQL server, Restate with its own server."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from psycopg import sql

from portal.env import ROOT
from tests.benchmarks.plan import Plan
from tests.benchmarks.premises import Premises

PROGRAMS = Path(__file__).parent / "peers"
INSTALLED = ROOT / "var" / "bench" / "peers"
PYTHON = INSTALLED / "venv" / "bin" / "python"
RESTATE = INSTALLED / "node_modules" / "@restatedev"
PATIENCE_SECONDS = 60
# Nothing of ours is handed down to them, and none calls home.
ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "HOME": os.environ.get("HOME", "/"),
    "LANG": "C.UTF-8",
}


class Absent(Exception):
    """The peer is not installed, or did not do what it was asked; the message says why."""


@dataclass(frozen=True)
class Pace:
    """What a peer did in one block."""

    runs_per_s: float
    latencies_ms: list[float]


def dbos(premises: Premises, plan: Plan) -> Pace:
    """DBOS in a database of its own on the server that we are measured on, by the role that owns ours."""
    _need(PYTHON)
    name = f"bench_dbos_{os.getpid()}"
    url = premises.postgres.environment()["OWNER_DATABASE_URL"].replace("/countersign?", f"/{name}?")
    with premises.superuser() as server:
        server.execute(sql.SQL("CREATE DATABASE {} OWNER countersign_owner").format(sql.Identifier(name)))
        try:
            return _asked("dbos_runs.py", url, plan)
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def restate(plan: Plan) -> Pace:
    """Restate with nothing in it, and its service under hypercorn, called through the ingress."""
    _need(PYTHON)
    with _restate_running() as ingress:
        return _asked("restate_runs.py", ingress, plan)


def versions() -> dict[str, str]:
    """Which versions were measured."""
    if not PYTHON.exists():
        return {}
    ask = "from importlib.metadata import version as v; print(v('dbos'), v('restate-sdk'))"
    dbos_version, sdk = subprocess.run(
        [str(PYTHON), "-c", ask], capture_output=True, text=True, check=True, env=ENVIRONMENT
    ).stdout.split()
    found = {"dbos": dbos_version, "restate_sdk": sdk}
    manifest = RESTATE / "restate-server" / "package.json"
    if manifest.exists():
        found["restate_server"] = json.loads(manifest.read_text())["version"]
    return found


def _need(path: Path) -> None:
    if not path.exists():
        raise Absent(f"{path.relative_to(ROOT)} is not there: `make bench-engine` installs the peers")


def _asked(program: str, where: str, plan: Plan) -> Pace:
    sizes = [str(plan.seconds), str(plan.at_once), str(plan.single)]
    answer = subprocess.run(
        [str(PYTHON), str(PROGRAMS / program), where, *sizes],
        capture_output=True,
        text=True,
        check=False,
        env=ENVIRONMENT,
        timeout=PATIENCE_SECONDS + 20 * plan.seconds,
    )
    if answer.returncode:
        raise Absent(f"{program} ended with {answer.returncode}: {answer.stderr.strip()[-500:]}")
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return Pace(found["runs_per_s"], found["latencies_ms"])


@contextmanager
def _restate_running() -> Iterator[str]:
    program = next(RESTATE.glob("restate-server-*/bin/restate-server"), None)
    if program is None:
        raise Absent("Restate's server is not installed (no npm, or no build for this platform)")
    node, ingress, admin, service = _free_ports(4)
    folder = Path(mkdtemp(prefix="countersign-bench-restate-"))
    settings = {
        **ENVIRONMENT,
        "RESTATE_BASE_DIR": str(folder),
        "RESTATE_LISTEN_MODE": "tcp",
        "RESTATE_BIND_IP": "127.0.0.1",
        "RESTATE_BIND_PORT": str(node),
        "RESTATE_INGRESS__BIND_PORT": str(ingress),
        "RESTATE_ADMIN__BIND_PORT": str(admin),
        "RESTATE_DISABLE_TELEMETRY": "true",
    }
    served = [str(PYTHON), "-m", "hypercorn", "--bind", f"127.0.0.1:{service}", "restate_service:app"]
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.enter_context(_running([str(program), "--no-logo"], settings, folder))
        stack.enter_context(_running(served, ENVIRONMENT, PROGRAMS))
        _await(admin, "/health")
        _await(service, "/health")
        _register(admin, service)
        yield f"127.0.0.1:{ingress}"


@contextmanager
def _running(command: list[str], environment: dict[str, str], folder: Path) -> Iterator[None]:
    silent = subprocess.DEVNULL
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=silent, stderr=silent, start_new_session=True
    )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _await(port: int, path: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            line = HTTPConnection("127.0.0.1", port, timeout=5)
            line.request("GET", path)
            line.getresponse().read()
            return
        except OSError as problem:
            if time.monotonic() > until:
                raise Absent(f"nothing answered at port {port}: {problem}") from problem
            time.sleep(0.2)


def _register(admin: int, service: int) -> None:
    """Tell the server of the service; it may still be getting ready."""
    body = json.dumps({"uri": f"http://127.0.0.1:{service}"})
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        line = HTTPConnection("127.0.0.1", admin, timeout=30)
        line.request("POST", "/deployments", body, {"Content-Type": "application/json"})
        answer = line.getresponse()
        words = answer.read()
        if answer.status in (200, 201):
            return
        if time.monotonic() > until:
            raise Absent(f"Restate did not take the service: {answer.status} {words[:300]!r}")
        time.sleep(0.5)


def _free_ports(number: int) -> list[int]:
    """Ports that nobody listens at. Somebody else could take one before it is used; then the peer says so."""
    with ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in range(number)]
        for line in found:
            line.bind(("127.0.0.1", 0))
        return [int(line.getsockname()[1]) for line in found]
