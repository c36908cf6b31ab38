"""The logs as files over HTTP, read by a few lines of the published layout and by another's Merkle tree."""

import base64
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from wsgiref.simple_server import WSGIServer

import httpx
import pytest
from pymerkle import InmemoryTree

from governance.access.organisations import create_project
from governance.access.permissions import Scope
from governance.access.tokens import create_token
from governance.accounts.models import User
from governance.proof.models import Checkpoint
from portal.wsgi import application
from tests.factories.cast import Company
from tests.factories.logs import fill, sign_all
from tests.harness.fresh import FreshDatabase
from tests.proof.tampering import altered
from tests.witness.beside import answering

FOREVER = "private, max-age=31536000, immutable"


@pytest.fixture
def url(fresh_database: FreshDatabase, northwind: Company, tmp_path: Path) -> Iterator[str]:
    """The portal, with a log of several tiles."""
    fill(northwind, 600)
    sign_all(tmp_path)
    with answering(application, WSGIServer) as found:
        yield found


def reader(url: str, company: Company, person: User, *, narrow: bool = False) -> httpx.Client:
    """Who calls with a token to read, of the organisation or of its project alone."""
    _, secret = create_token(
        person, actor=person, organisation=company.organisation, name="reader", scopes=[Scope.READ],
        life=timedelta(days=1), project=company.project if narrow else None,
    )  # fmt: skip
    return httpx.Client(
        base_url=f"{url}/log/{company.slug}/", headers={"Authorization": f"Bearer {secret}"}, trust_env=False
    )


def tiles(count: int) -> list[str]:
    """The names of the tiles of a level that has so many hashes (tlog-tiles, for fewer than 256,000)."""
    full, rest = divmod(count, 256)
    return [f"{number:03}" for number in range(full)] + ([f"{full:03}.p/{rest}"] if rest else [])


def records_of(content: bytes) -> list[bytes]:
    found = []
    while content:
        length = int.from_bytes(content[:2], "big")
        found.append(content[2 : 2 + length])
        content = content[2 + length :]
    return found


def test_an_independent_reader_derives_the_signed_root(url: str, northwind: Company) -> None:
    with reader(url, northwind, northwind.owner) as client:
        answer = client.get("checkpoint")
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert "no-store" in answer.headers["Cache-Control"]
        origin, size, root = answer.text.split("\n")[:3]
        assert origin.endswith(f"/{northwind.slug}")
        records: list[bytes] = []
        for name in tiles(int(size)):
            hashes, bundle = client.get(f"tile/0/{name}"), client.get(f"tile/entries/{name}")
            for found in (hashes, bundle):
                assert (found.status_code, found.headers["Cache-Control"]) == (200, FOREVER)
                assert found.headers["Content-Type"] == "application/octet-stream"
            here = records_of(bundle.content)
            assert hashes.content == b"".join(sha256(b"\x00" + record).digest() for record in here)
            records += here
        tree = InmemoryTree(algorithm="sha256")
        tree.append_entries(records)
        assert tree.get_root(int(size)) == base64.b64decode(root)
        above = client.get(f"tile/1/{tiles(int(size) // 256)[0]}").content
        assert above[:32] == _root(records[:256])


def _root(records: list[bytes]) -> bytes:
    tree = InmemoryTree(algorithm="sha256")
    tree.append_entries(records)
    found: bytes = tree.get_root(len(records))
    return found


def test_what_is_not_signed_or_no_path_is_not_there(
    url: str, northwind: Company, rival: Company, tmp_path: Path
) -> None:
    size = Checkpoint.objects.of(northwind.organisation.pk)[0].size
    part = size % 256
    with reader(url, northwind, northwind.owner) as client:
        for path in (
            f"tile/0/002.p/{part + 1}", "tile/0/002", "tile/0/003", "tile/1/000", "tile/1/000.p/3",
            "tile/2/000.p/1", "tile/63/000.p/1", "tile/64/000", "tile/0/0", "tile/0/x000/000",
            "tile/0/000.p/0", "tile/0/000.p/256", "tile/-1/000", "tile/entries/003", "tile/entries/002",
            "tile/entries/000/", "tile/0/%2e%2e/000",
        ):  # fmt: skip
            found = client.get(path)
            assert (found.status_code, "no-store" in found.headers["Cache-Control"]) == (404, True), path
        assert client.get(f"{url}/log/{rival.slug}/checkpoint").status_code == 404
        assert client.get(f"{url}/log/_installation/checkpoint").status_code == 404
        assert client.get(f"tile/0/002.p/{part}").status_code == 200
    assert httpx.get(f"{url}/log/{northwind.slug}/checkpoint", trust_env=False).status_code == 401


def test_who_may_read_what(url: str, northwind: Company) -> None:
    """Records are for owners; tiles for who sees every project; of a project's token nothing but the note."""
    asked = ("checkpoint", "tile/0/000", "tile/entries/000")
    with reader(url, northwind, northwind.auditor) as auditor:
        assert [auditor.get(path).status_code for path in asked] == [200, 200, 403]
        create_project(northwind.organisation, actor=northwind.owner, slug="claims", name="Claims")
        assert [auditor.get(path).status_code for path in asked] == [200, 403, 403]
    with reader(url, northwind, northwind.owner) as owner:
        assert [owner.get(path).status_code for path in asked] == [200, 200, 200]
    with reader(url, northwind, northwind.owner, narrow=True) as narrow:
        assert [narrow.get(path).status_code for path in asked] == [200, 403, 403]


def test_rows_that_are_missing_are_said_and_are_no_failure_of_ours(
    url: str, fresh_database: FreshDatabase, northwind: Company
) -> None:
    place = "WHERE id = (SELECT event FROM ledger_entry WHERE log = %s AND position = 520)"
    altered(fresh_database, f"DELETE FROM ledger_event {place}", northwind.organisation.pk)  # noqa: S608
    with reader(url, northwind, northwind.owner) as client:
        for path in ("tile/0/002.p/20", "tile/entries/002.p/20"):
            assert client.get(path).status_code == 409


@pytest.mark.parametrize("name", ["%00", "no-such", "a%2Fb", "%F0%9F%90%99"])
def test_a_name_that_no_log_has_is_not_found(url: str, northwind: Company, name: str) -> None:
    with reader(url, northwind, northwind.owner) as owner:
        assert owner.get(f"{url}/log/{name}/checkpoint").status_code == 404
