"""Zip files and JSON that somebody made to do harm are refused before they can."""

import io
import json
import stat
import struct
import zipfile
from collections.abc import Callable, Mapping

import pytest

from runs.evidence.verifier.causes import Cause, Failed
from runs.evidence.verifier.limits import HIGHEST_RATIO, MOST_MEMBERS
from runs.evidence.verifier.strict_json import canonical_json, read_strictly
from runs.evidence.verifier.verdict import in_words
from runs.evidence.verifier.zip_reading import Bundle
from tests.attacks.draft import Draft
from tests.attacks.trying import examined

PLAIN = b"".join(struct.pack(">I", number * 2654435761 % 2**32) for number in range(64))


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip file with these members, in this order."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as bundle:
        for name, content in members:
            bundle.writestr(name, content)
    return file.getvalue()


def linked(kind: int) -> zipfile.ZipInfo:
    """A member that says it is a link, a device or a folder."""
    member = zipfile.ZipInfo("checkpoint")
    member.external_attr = (kind | 0o777) << 16
    return member


def refused(content: bytes) -> Cause:
    """Why the zip is refused, in itself or when its members are read."""
    try:
        bundle = Bundle(io.BytesIO(content))
        for name in bundle.members:
            bundle.digest(name)
    except Failed as problem:
        return problem.cause
    return Cause.HOLDS


@pytest.mark.parametrize(
    "name",
    ["../checkpoint", "/etc/passwd", "a/../b", "C:\\x", "a\\b", "a//b", ".hidden", "a\nb", "folder/", "é"],
)
def test_a_member_that_would_slip_out_of_its_folder_is_refused(name: str) -> None:
    assert refused(zipped((name, b"x"))) == Cause.ZIP


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR, stat.S_IFSOCK])
def test_a_link_a_device_and_a_folder_are_refused(kind: int) -> None:
    assert refused(zipped((linked(kind), b"/etc/passwd"))) == Cause.ZIP


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused() -> None:
    assert refused(zipped(("checkpoint", b"a"), ("checkpoint", b"b"))) == Cause.ZIP


def test_a_bomb_is_refused_before_it_is_expanded() -> None:
    content = b"\x00" * (HIGHEST_RATIO * 5_000)

    assert refused(zipped(("statement.dsse.json", content), method=zipfile.ZIP_DEFLATED)) == Cause.LIMIT


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_packed_in_an_unusual_way_is_refused(method: int) -> None:
    assert refused(zipped(("checkpoint", PLAIN), method=method)) == Cause.ZIP


def test_too_many_members_are_refused() -> None:
    members = [(f"artifacts/{number}", b"") for number in range(MOST_MEMBERS + 1)]

    assert refused(zipped(*members)) == Cause.LIMIT


def _prefixed(content: bytes) -> bytes:
    return b"#!/bin/sh\n" + content


def _commented(content: bytes) -> bytes:
    return content[:-2] + b"\x01\x00x"


def _larger_than_said(content: bytes) -> bytes:
    """Both lists say that the member has fewer bytes than it has."""
    said, less = struct.pack("<L", len(PLAIN)), struct.pack("<L", len(PLAIN) - 1)
    return content.replace(said + said, said + less)


def _encrypted(content: bytes) -> bytes:
    at = content.index(b"PK\x01\x02") + 8
    return content[:at] + b"\x01" + content[at + 1 :]


def _damaged(content: bytes) -> bytes:
    at = content.index(PLAIN[:8])
    return content[:at] + b"\xff" + content[at + 1 :]


CHANGES: Mapping[str, Callable[[bytes], bytes]] = {
    "cut short": lambda content: content[: len(content) // 2],
    "empty": lambda content: content[:0],
    "with something before it": _prefixed,
    "with a comment": _commented,
    "encrypted": _encrypted,
    "damaged": _damaged,
    "with sizes that are lies": _larger_than_said,
    "of another kind": lambda content: b"%PDF-1.7\n" + b"x" * len(content),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_not_a_plain_zip_is_refused(change: Callable[[bytes], bytes]) -> None:
    whole = zipped(("checkpoint", PLAIN))
    assert change(whole) != whole

    assert refused(change(whole)) == Cause.ZIP


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b"1.0",
        b"1e3",
        b"-0",
        b"9007199254740992",
        b'"\\ud800"',
        b"[" * 100_000,
        b"[" * 41 + b"]" * 41,
        b"\xff",
        b"{",
        b"",
        b'"' * 300_001,
        b"9" * 5_000,
    ],
)
def test_json_that_two_readers_could_read_differently_is_refused(text: bytes) -> None:
    with pytest.raises(Failed) as caught:
        read_strictly(text, "It")

    assert caught.value.cause == Cause.JSON


def test_json_with_too_many_values_is_refused_before_it_is_read() -> None:
    with pytest.raises(Failed) as caught:
        read_strictly(b"[" + b"[]," * 500_000 + b"[]]", "It")

    assert caught.value.cause == Cause.LIMIT


def test_strict_json_is_read_and_written_in_one_form() -> None:
    text = '{"a":[1,-2,true,null],"b":"caf\u00e9 \\n \u2028 \U0001f600","c":{}}'.encode()

    assert canonical_json(read_strictly(text, "It")) == text


def test_a_bundle_without_its_parts_says_which_is_missing() -> None:
    draft = Draft()
    draft.raw = zipped(("checkpoint", draft.checkpoint))

    verdict = examined(draft)

    assert verdict.cause == Cause.PARTS
    assert "statement.dsse.json" in verdict.findings.found[0].said


def test_what_a_bundle_calls_itself_is_shown_without_control_characters() -> None:
    draft = Draft()
    draft.predicate["about"]["title"] = "Run\x1b[2J\nHOLDS: the evidence holds."

    said = in_words(examined(draft))

    assert "\x1b" not in said
    assert "\nHOLDS" not in said.removeprefix("HOLDS")


def test_the_words_name_the_cause_and_each_finding() -> None:
    draft = Draft()
    del draft.statement["subject"][0]

    said = in_words(examined(draft))

    assert said.startswith("DOES NOT HOLD (51): an output was replaced or left out.\n  [51] The output ")
    assert json.dumps(said)
