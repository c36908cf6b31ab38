"""Where a checkout keeps what its embedded services write."""

import hashlib
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from portal.embedded.errors import EmbeddedError

# sun_path holds 108 bytes on Linux and 104 on macOS, the closing NUL included.
LONGEST_SOCKET_PATH = 103
# Only for sockets whose own path is too long, and checked before use.
SHORT_ROOT = Path("/tmp")  # noqa: S108  # nosec B108


@dataclass(frozen=True)
class Places:
    """The folders of one checkout; nothing here creates anything except `prepare` and `socket`."""

    var: Path

    @property
    def run(self) -> Path:
        """Records and locks of what is running; safe to delete while nothing is."""
        return self.var / "run"

    @property
    def log(self) -> Path:
        """One log per service, and the joined log of `manage.py up`."""
        return self.var / "log"

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data directory."""
        return self.var / "postgres"

    @property
    def valkey(self) -> Path:
        """Valkey's working directory and, where the path is short enough, its socket."""
        return self.var / "valkey"

    @property
    def secrets(self) -> Path:
        """Generated passwords and keys, outside `run` so that clearing it loses nothing."""
        return self.var / "secrets.json"

    def prepare(self) -> None:
        """Create the folders, private to the account that runs the portal; `var` may be walked through."""
        self.var.mkdir(parents=True, exist_ok=True)
        for folder in (self.run, self.log):
            folder.mkdir(mode=0o700, exist_ok=True)

    def socket_folder(self, preferred: Path, filename: str) -> Path:
        """`preferred` if a socket named `filename` fits there, else the name of a short folder of its own."""
        if len(os.fsencode(preferred / filename)) <= LONGEST_SOCKET_PATH:
            return preferred
        digest = hashlib.sha256(os.fsencode(preferred)).hexdigest()[:12]
        return SHORT_ROOT / f"countersign-{os.getuid()}-{digest}"


def private_folder(folder: Path, *, owner: int) -> None:
    """Create `folder` for `owner` alone (0700), or make sure that the one there is exactly that.

    Raises `EmbeddedError` for a symbolic link or somebody else's folder: in a shared place such as /tmp
    another account may have put it there first, and would then sit between us and our own database.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        if owner != os.geteuid():
            os.chown(folder, owner, -1)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (owner, os.geteuid()):
        raise EmbeddedError(
            f"{folder} belongs to another account; remove it, or set COUNTERSIGN_VAR to a short path."
        )
    if found.st_uid != owner:
        os.chown(folder, owner, -1)
    folder.chmod(0o700)


def remove_short_folder(folder: Path) -> None:
    """Remove a socket folder that was made outside `var` once nothing is in it."""
    if folder.parent == SHORT_ROOT and folder.name.startswith("countersign-"):
        with suppress(OSError):
            folder.rmdir()
