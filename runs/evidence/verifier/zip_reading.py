"""Reading a zip file that somebody may have made to do harm: bombs, slips, links, doubled and hidden members.

Nothing is ever written to disk, and nothing is expanded before its stated size is known to be bearable.
"""

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from hashlib import sha256
from typing import BinaryIO, Final

from runs.evidence.verifier.causes import Cause, Failed
from runs.evidence.verifier.limits import (
    CHUNK,
    HIGHEST_RATIO,
    LARGEST_DIRECTORY,
    LARGEST_EXPANDED,
    LARGEST_MEMBER,
    LARGEST_ZIP,
    MOST_MEMBERS,
)

END: Final = struct.Struct("<4s4H2LH")  # the record at a zip's end
END_MARK: Final = b"PK\x05\x06"
ZIP64_MARK: Final = b"PK\x06\x07"
ZIP64_LOCATOR_BYTES: Final = 20
ENCRYPTED: Final = 0x1
PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")
UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)


class Bundle:
    """The members of a zip file, by their names. Raises `Failed` for what is none, or is hostile."""

    def __init__(self, file: BinaryIO) -> None:
        _check_end(file)
        try:
            self._zip = zipfile.ZipFile(file)
        except (*UNREADABLE, ValueError, struct.error) as problem:
            raise Failed(Cause.ZIP, f"The file is not a zip file: {problem}.") from problem
        self.members: dict[str, zipfile.ZipInfo] = {}
        for member in self._zip.infolist():
            _check_member(member)
            if member.filename in self.members:
                raise Failed(Cause.ZIP, f"The zip has two members named {member.filename}.")
            self.members[member.filename] = member
        if sum(member.file_size for member in self.members.values()) > LARGEST_EXPANDED:
            raise Failed(Cause.LIMIT, f"The zip expands to more than {LARGEST_EXPANDED:,} bytes.")

    def read(self, name: str, most: int = LARGEST_MEMBER) -> bytes:
        """The member's bytes. Raises `Failed`, also for more than `most`."""
        if name not in self.members:
            raise Failed(Cause.PARTS, f"The bundle has no {name}.")
        if self.members[name].file_size > most:
            raise Failed(Cause.LIMIT, f"{name} has more than {most:,} bytes.")
        return b"".join(self._chunks(name))

    def digest(self, name: str) -> str:
        """The SHA-256 of the member, which is never held as a whole."""
        found = sha256()
        for chunk in self._chunks(name):
            found.update(chunk)
        return found.hexdigest()

    def _chunks(self, name: str) -> Iterator[bytes]:
        member = self.members[name]
        left = member.file_size
        try:
            with self._zip.open(member) as stream:
                while chunk := stream.read(CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise Failed(Cause.ZIP, f"{name} is larger than the zip says.")
                    yield chunk
        except UNREADABLE as problem:
            raise Failed(Cause.ZIP, f"{name} cannot be read: {problem}.") from problem
        if left:
            raise Failed(Cause.ZIP, f"{name} is smaller than the zip says.")


def _check_end(file: BinaryIO) -> None:
    """The list of members stands at the very end, is small, and nothing hides before or behind it."""
    size = file.seek(0, 2)
    if size > LARGEST_ZIP:
        raise Failed(Cause.LIMIT, f"The file has more than {LARGEST_ZIP:,} bytes.")
    if size < END.size:
        raise Failed(Cause.ZIP, "The file is not a zip file.")
    file.seek(max(0, size - END.size - ZIP64_LOCATOR_BYTES))
    tail = file.read()
    mark, disk, first_disk, here, members, length, offset, comment = END.unpack(tail[-END.size :])
    if mark != END_MARK or comment or disk or first_disk or here != members:
        raise Failed(Cause.ZIP, "The file does not end as a plain zip file does.")
    if members > MOST_MEMBERS or length > LARGEST_DIRECTORY:
        raise Failed(Cause.LIMIT, f"The zip has more than {MOST_MEMBERS:,} members.")
    if tail.startswith(ZIP64_MARK) or offset + length + END.size != size:
        raise Failed(Cause.ZIP, "The zip has bytes that its list of members does not account for.")


def _check_member(member: zipfile.ZipInfo) -> None:
    name = member.filename
    kind = stat.S_IFMT(member.external_attr >> 16)
    if not PLAIN_NAME.fullmatch(name) or name != member.orig_filename:
        raise Failed(Cause.ZIP, f"The zip has a member with the name {name[:80]!a}.")
    if kind not in {0, stat.S_IFREG} or member.is_dir():
        raise Failed(Cause.ZIP, f"{name} is a link, a folder or a device, not a file.")
    if member.flag_bits & ENCRYPTED or member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise Failed(Cause.ZIP, f"{name} is encrypted, or packed in an unusual way.")
    if member.file_size > LARGEST_MEMBER:
        raise Failed(Cause.LIMIT, f"{name} has more than {LARGEST_MEMBER:,} bytes.")
    if member.file_size > HIGHEST_RATIO * max(member.compress_size, 1):
        raise Failed(Cause.LIMIT, f"{name} is packed to less than 1/{HIGHEST_RATIO} of its size.")
