"""The checkout's own passwords and keys."""

import json
import stat

import pytest
from cryptography.fernet import Fernet

from portal.embedded.errors import EmbeddedError
from portal.embedded.keyring import keyring
from portal.embedded.places import Places


def test_keys_are_made_once_for_the_owner_of_the_checkout_alone(places: Places) -> None:
    first = keyring(places)
    assert keyring(places) == first
    assert stat.S_IMODE(places.secrets.stat().st_mode) == 0o600


def test_two_checkouts_share_no_key(places: Places) -> None:
    other = Places(places.var / "other")
    mine, theirs = keyring(places), keyring(other)
    assert not set(vars(mine).values()) & set(vars(theirs).values())


def test_a_key_that_an_older_file_lacks_is_added_and_the_others_stay(places: Places) -> None:
    before = keyring(places)
    stored = json.loads(places.secrets.read_text())
    del stored["model_key"]
    places.secrets.write_text(json.dumps(stored))

    after = keyring(places)

    assert after.secret_key == before.secret_key
    assert after.model_key not in ("", before.model_key)
    assert keyring(places) == after


def test_the_key_that_encrypts_is_one_that_can(places: Places) -> None:
    key = Fernet(keyring(places).encryption_key)
    assert key.decrypt(key.encrypt(b"a secret")) == b"a secret"


@pytest.mark.parametrize("broken", ["", "{", "[]", "\0"])
def test_a_broken_file_is_reported_and_not_replaced(places: Places, broken: str) -> None:
    places.secrets.write_text(broken)
    with pytest.raises(EmbeddedError, match=r"secrets\.json"):
        keyring(places)
    assert places.secrets.read_text() == broken
