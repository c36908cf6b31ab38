"""Folders that others must not get into, and those that one account is let into."""

import os
import stat
from pathlib import Path

import pytest

from portal.embedded.account import Account, open_way
from portal.embedded.errors import EmbeddedError
from portal.embedded.places import LONGEST_SOCKET_PATH, Places, private_folder

VISITOR = Account(name="visitor", uid=54321, gid=54321, other=True)


def test_a_short_path_keeps_its_socket_beside_its_data(places: Places) -> None:
    folder = Path("/srv/countersign/var/postgres")
    assert places.socket_folder(folder, ".s.PGSQL.5432") == folder


def test_a_long_path_gets_a_short_folder_of_its_own(places: Places) -> None:
    long = [Path(f"/srv/{letter * 120}/var") for letter in "ab"]
    short = [places.socket_folder(folder, "socket") for folder in long]
    assert short[0] != short[1]
    assert all(len(os.fsencode(folder / "socket")) <= LONGEST_SOCKET_PATH for folder in short)


def test_bytes_are_counted_not_characters(places: Places) -> None:
    folder = Path("/srv/" + "ü" * 50)
    assert places.socket_folder(folder, "socket") != folder


def test_a_folder_that_was_open_is_closed_before_it_is_used(tmp_path: Path) -> None:
    folder = tmp_path / "sockets"
    folder.mkdir(mode=0o777)
    private_folder(folder, owner=os.geteuid())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_link_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "sockets").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(EmbeddedError, match="another account"):
        private_folder(tmp_path / "sockets", owner=os.geteuid())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_somebody_elses_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "sockets"
    folder.mkdir()
    os.chown(folder, VISITOR.uid, -1)
    with pytest.raises(EmbeddedError, match="another account"):
        private_folder(folder, owner=os.geteuid())


def test_a_closed_folder_is_opened_for_the_one_visitor_and_for_walking_only(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "inner").mkdir(parents=True)
    closed.chmod(0o700)

    opened = open_way(closed / "inner" / "data", VISITOR)

    assert closed in opened
    assert stat.S_IMODE(closed.stat().st_mode) & stat.S_IRWXO == 0
    assert open_way(closed / "inner" / "data", VISITOR) == []


def test_an_entry_masked_by_a_later_chmod_is_renewed(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o700)
    open_way(closed / "data", VISITOR)
    closed.chmod(0o700)
    assert open_way(closed / "data", VISITOR) == [closed]
