"""One PostgreSQL data directory: made, configured, started and stopped."""

import locale
import os
import pwd
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from portal.embedded import records
from portal.embedded.account import Account, open_tree, open_way
from portal.embedded.detached import launch
from portal.embedded.errors import EmbeddedError
from portal.embedded.places import private_folder, remove_short_folder
from portal.embedded.roles import known_roles, prepare_roles
from portal.embedded.sizing import sizes

PATIENCE_SECONDS = 60.0
ENVIRONMENT = {"PATH": os.defpath, "LANG": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Settings:
    """What one server is made from."""

    programs: Path
    folder: Path
    socket_folder: Path
    log: Path
    keeper: Account
    passwords: dict[str, str]
    database: str


def start(settings: Settings) -> None:
    """Make the data directory if there is none, start the server and have roles and database in place."""
    if settings.keeper.other:
        open_way(settings.folder, settings.keeper)
        if _run(settings, "postgres", "--version").returncode:
            open_tree(settings.programs.parent.parent, settings.keeper)
    if not (settings.folder / "PG_VERSION").exists():
        _make(settings)
    private_folder(settings.socket_folder, owner=settings.keeper.uid)
    _configure(settings)
    _launch(settings)
    complete(settings)


def complete(settings: Settings) -> None:
    """Have roles and database in place in the server that runs. Safe to repeat."""
    prepare_roles(settings.socket_folder, database=settings.database, passwords=settings.passwords)


def has_roles(settings: Settings) -> bool:
    """Whether the server that runs knows every role."""
    return known_roles(settings.socket_folder) >= set(settings.passwords)


def stop(settings: Settings) -> None:
    """End the server's connections and stop it; one that does not heed is killed, its next start recovers."""
    server = postmaster(settings.folder)
    if server:
        records.stop(server, patience=8, request=signal.SIGINT)  # PostgreSQL's "fast" shutdown
    remove_short_folder(settings.socket_folder)


def postmaster(folder: Path) -> psutil.Process | None:
    """The live server of this data directory.

    A stale file whose number another process got is seen through.
    """
    try:
        pid = int((folder / "postmaster.pid").read_text().split("\n", 1)[0])
        process = psutil.Process(pid)
        ours = process.name() == "postgres" and str(folder.resolve()) in process.cmdline()
        return process if ours and process.status() != psutil.STATUS_ZOMBIE else None
    except (OSError, ValueError, psutil.Error):
        return None


def ready(folder: Path) -> bool:
    """Whether the server of this data directory runs and accepts connections."""
    if not postmaster(folder):
        return False
    try:
        return (folder / "postmaster.pid").read_text().split("\n")[7].strip() == "ready"
    except (OSError, IndexError):
        return False


def _make(settings: Settings) -> None:
    """Build the directory under another name and move it in place when whole, never half."""
    partial = settings.folder.with_name(f"{settings.folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    private_folder(partial, owner=settings.keeper.uid)
    made = _run(
        settings,
        "initdb",
        f"--pgdata={partial}",
        "--username=postgres",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",  # the same order and letter case on every machine
        f"--locale={_character_types()}",
        "--auth=reject",
        "--no-instructions",
    )
    if made.returncode:
        raise EmbeddedError(f"PostgreSQL could not make its data directory:\n{made.stdout}{made.stderr}")
    with (partial / "postgresql.conf").open("a") as file:
        file.write("\ninclude 'countersign.conf'\n")
    partial.replace(settings.folder)


def _character_types() -> str:
    """A UTF-8 locale of this system: under plain C, text search takes every quotation mark for a letter."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8", "en_GB.UTF-8"):
            try:
                locale.setlocale(locale.LC_CTYPE, name)
            except locale.Error:
                continue
            return name
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)


def _configure(settings: Settings) -> None:
    """Write address and access rules anew, since the checkout may have moved or changed hands.

    Roles sign in by password (SCRAM) over the private socket, so the application's address alone does not
    open the owner's door. The superuser has no password: only the account that runs the portal gets in as it.
    """
    caller = pwd.getpwuid(os.geteuid()).pw_name
    # A quoted name inside a quoted string, where a backslash counts as well.
    socket_folder = str(settings.socket_folder).replace('"', '""').replace("\\", "\\\\").replace("'", "''")
    _own(settings, "countersign.conf", [
        "listen_addresses = ''",
        f"unix_socket_directories = '\"{socket_folder}\"'",
        "unix_socket_permissions = 0700",
        "password_encryption = 'scram-sha-256'",
        "timezone = 'UTC'",
        "log_timezone = 'UTC'",
        "cluster_name = 'countersign'",
        *sizes(psutil.virtual_memory().total),
    ])  # fmt: skip
    _own(settings, "pg_ident.conf", [f'keeper "{caller}" postgres'])
    _own(settings, "pg_hba.conf", ["local all postgres peer map=keeper", "local all all scram-sha-256"])


def _own(settings: Settings, name: str, lines: list[str]) -> None:
    path = settings.folder / name
    path.write_text("\n".join(["# Written by the portal at each start.", *lines, ""]))
    os.chown(path, settings.keeper.uid, settings.keeper.gid)


def _launch(settings: Settings) -> None:
    """Start, and wait until it accepts connections."""
    _clear_remains(settings)
    launch(
        [str(settings.programs / "postgres"), "-D", str(settings.folder)],
        log=settings.log,
        folder=Path("/"),
        environment=ENVIRONMENT,
        switch=settings.keeper.switch,
        ready=lambda: ready(settings.folder),
        patience=PATIENCE_SECONDS,
    )


def _clear_remains(settings: Settings) -> None:
    """Remove the lock files of a killed server, once the last of its children has let go of the data.

    PostgreSQL sees through stale lock files itself, except where the dead server's number still counts: taken
    by another process, or kept as a zombie by a container whose first process collects none.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while postmaster(settings.folder) is None and time.monotonic() < deadline:
        if not any(_works_in(settings.folder, process) for process in psutil.process_iter()):
            (settings.folder / "postmaster.pid").unlink(missing_ok=True)
            for remains in settings.socket_folder.glob(".s.PGSQL.*"):
                remains.unlink(missing_ok=True)
            return
        time.sleep(0.1)


def _works_in(folder: Path, process: psutil.Process) -> bool:
    try:
        alive = process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE
        return alive and Path(process.cwd()) == folder.resolve()
    except psutil.Error:
        return False


def _run(settings: Settings, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs as its account."""
    try:
        return subprocess.run(  # type: ignore[call-overload, no-any-return]  # the switch is a dictionary
            [str(settings.programs / program), *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            cwd="/", env=ENVIRONMENT, timeout=PATIENCE_SECONDS,
            **settings.keeper.switch,
        )  # fmt: skip
    except PermissionError as problem:
        return subprocess.CompletedProcess([program], 126, "", str(problem))
