"""The account that runs PostgreSQL, which refuses to run as root, and the way it is let in to its files.

Where a folder on the way is closed (`/root`, a 0700 temporary folder), this one account is given the right to
walk through it, by an access-control entry, and no right to read what lies there; a file system without such
entries has it opened for walking to everybody. The installed package itself, which holds no secret, is made
readable to everybody where a strict umask had closed it.
"""

import errno
import os
import pwd
import shutil
import stat
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from portal.embedded.errors import EmbeddedError

NAME = "pgserver"
ACL = "system.posix_acl_access"
ACL_VERSION = 2
ENTRY = struct.Struct("<HHI")
USER_OBJ, USER, GROUP_OBJ, MASK, OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
NOBODY = 0xFFFFFFFF
WALK = 1


@dataclass(frozen=True)
class Account:
    """A system account by its numbers; `switch` is for `subprocess.run`."""

    name: str
    uid: int
    gid: int
    other: bool

    @property
    def switch(self) -> dict[str, object]:
        """Arguments that start a child as this account, without the caller's groups and terminal."""
        mine: dict[str, object] = {"start_new_session": True}
        return {**mine, "user": self.uid, "group": self.gid, "extra_groups": []} if self.other else mine


def account() -> Account:
    """Ourselves, or, where we are root, the system account kept for embedded PostgreSQL (made on first use).

    Raises `EmbeddedError` when root cannot make one.
    """
    if os.geteuid() != 0:
        return Account(name="", uid=os.geteuid(), gid=os.getegid(), other=False)
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        entry = _make()
    return Account(name=NAME, uid=entry.pw_uid, gid=entry.pw_gid, other=True)


def _make() -> pwd.struct_passwd:
    command = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if command is None:
        raise EmbeddedError(
            "PostgreSQL does not run as root and there is no `useradd` here to make an account for it. "
            "Run this as an ordinary user, or set DATABASE_URL."
        )
    nologin = shutil.which("nologin", path="/usr/sbin:/sbin") or "/bin/false"
    made = subprocess.run(
        [
            command,
            "--system",
            "--user-group",
            "--no-create-home",
            "--home-dir",
            "/nonexistent",
            "--shell",
            nologin,
            NAME,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return pwd.getpwnam(NAME)  # another command may have been quicker
    except KeyError:
        raise EmbeddedError(f"cannot make the account {NAME} for PostgreSQL: {made.stderr.strip()}") from None


def open_way(to: Path, visitor: Account) -> list[Path]:
    """Let `visitor` walk to `to`; returns the folders where an entry had to be added (usually none)."""
    opened = []
    for folder in reversed(to.resolve().parents):
        if not _may_walk(folder, visitor):
            _grant_walk(folder, visitor)
            opened.append(folder)
    return opened


def open_tree(root: Path, visitor: Account) -> list[Path]:
    """Let `visitor` read and run an installed package whose files a strict umask had closed."""
    opened = open_way(root, visitor)
    for path in (root, *root.rglob("*")):
        if path.is_symlink():
            continue
        mode = path.stat().st_mode
        wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if wanted != mode:
            path.chmod(wanted)
    return opened


def _may_walk(folder: Path, visitor: Account) -> bool:
    found = folder.stat()
    if found.st_uid == visitor.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    entries = _entries(folder)
    if (USER, visitor.uid) in entries:
        return bool(entries[USER, visitor.uid] & entries.get((MASK, NOBODY), WALK) & WALK)
    if found.st_gid == visitor.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def _grant_walk(folder: Path, visitor: Account) -> None:
    """Add `user:visitor:--x`; a file system without such entries has the folder opened for walking to all."""
    mode = folder.stat().st_mode
    entries = _entries(folder) or {
        (USER_OBJ, NOBODY): mode >> 6 & 7,
        (GROUP_OBJ, NOBODY): mode >> 3 & 7,
        (OTHER, NOBODY): mode & 7,
    }
    entries[USER, visitor.uid] = entries.get((USER, visitor.uid), 0) | WALK
    entries[MASK, NOBODY] = entries.get((MASK, NOBODY), entries[GROUP_OBJ, NOBODY]) | WALK
    packed = struct.pack("<I", ACL_VERSION) + b"".join(
        ENTRY.pack(tag, permission, identity) for (tag, identity), permission in sorted(entries.items())
    )
    try:
        os.setxattr(folder, ACL, packed)
    except (OSError, AttributeError):
        folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def _entries(folder: Path) -> dict[tuple[int, int], int]:
    """Access-control entries as permission by (tag, identity); empty where the folder has its mode alone."""
    try:
        packed = os.getxattr(folder, ACL)
    except AttributeError:  # macOS keeps such entries elsewhere
        return {}
    except OSError as problem:
        if problem.errno in (errno.ENODATA, errno.ENOTSUP):
            return {}
        raise
    return {(tag, identity): permission for tag, permission, identity in ENTRY.iter_unpack(packed[4:])}
