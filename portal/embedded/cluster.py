"""One PostgreSQL data directory: made, configured, started and stopped."""

import locale
import os
import pwd
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from portal.embedded.account import Account, open_tree, open_way
from portal.embedded.errors import EmbeddedError
from portal.embedded.places import private_folder
from portal.embedded.roles import prepare_roles

PATIENCE_SECONDS = 60
LARGEST_LOG = 5_000_000


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
    prepare_roles(settings.socket_folder, database=settings.database, passwords=settings.passwords)


def stop(settings: Settings) -> None:
    """End the server's connections and stop it; one that does not heed is killed, its next start recovers."""
    server = postmaster(settings.folder)
    _run(settings, "pg_ctl", "-D", str(settings.folder), "-m", "fast", "-w", "-t", "8", "stop")
    if server and server.is_running() and postmaster(settings.folder):
        server.kill()


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
    socket_folder = str(settings.socket_folder).replace("'", "''")
    _own(settings, "countersign.conf", [
        "listen_addresses = ''",
        f"unix_socket_directories = '\"{socket_folder}\"'",
        "unix_socket_permissions = 0700",
        "password_encryption = 'scram-sha-256'",
        "timezone = 'UTC'",
        "log_timezone = 'UTC'",
        "cluster_name = 'countersign'",
    ])  # fmt: skip
    _own(settings, "pg_ident.conf", [f'keeper "{caller}" postgres'])
    _own(settings, "pg_hba.conf", ["local all postgres peer map=keeper", "local all all scram-sha-256"])


def _own(settings: Settings, name: str, lines: list[str]) -> None:
    path = settings.folder / name
    path.write_text("\n".join(["# Written by the portal at each start.", *lines, ""]))
    os.chown(path, settings.keeper.uid, settings.keeper.gid)


def _launch(settings: Settings) -> None:
    """Start, and wait until it accepts connections; children of a killed server first have to let go."""
    _fresh_log(settings)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        _run(
            settings, "pg_ctl", "-D", str(settings.folder), "-l", str(settings.log),
            "-w", "-t", str(PATIENCE_SECONDS), "-s", "start",
        )  # fmt: skip
        if ready(settings.folder):
            return
        tail = settings.log.read_text(errors="replace")[-2000:]
        if "pre-existing shared memory block" not in tail or time.monotonic() > deadline:
            raise EmbeddedError(f"PostgreSQL did not start. The end of {settings.log}:\n{tail}")
        time.sleep(0.2)


def _fresh_log(settings: Settings) -> None:
    if settings.keeper.other:
        open_way(settings.log, settings.keeper)
    if settings.log.exists() and settings.log.stat().st_size > LARGEST_LOG:
        settings.log.unlink()
    settings.log.touch(mode=0o600)
    os.chown(settings.log, settings.keeper.uid, settings.keeper.gid)


def _run(settings: Settings, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs as its account.

    The server inherits its starter's standard streams, so they must be files: a pipe would never end.
    """
    output = settings.log.with_name(f"{program}.out")
    with output.open("w+") as file:
        try:
            done = subprocess.run(  # type: ignore[call-overload]  # the switch is a dictionary
                [str(settings.programs / program), *arguments],
                stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, cwd="/", check=False,
                env={"PATH": os.environ.get("PATH", ""), "LANG": "C", "TZ": "UTC"},
                timeout=PATIENCE_SECONDS + 30,
                **settings.keeper.switch,
            )  # fmt: skip
        except PermissionError as problem:
            return subprocess.CompletedProcess([program], 126, "", str(problem))
        file.seek(0)
        return subprocess.CompletedProcess([program], done.returncode, file.read(), "")
