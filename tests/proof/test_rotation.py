"""The key of the logs hands over to another, wherever the command is interrupted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.merkle.keys import parse_vkey
from governance.merkle.note import parse, verify
from governance.proof import rotation
from governance.proof.keys import make_key, read_key
from governance.proof.log_keys import name_of, own_key
from governance.proof.memory import held, remembered
from governance.proof.models import Checkpoint, LogKey
from governance.proof.reading import position_of
from governance.proof.signing import NotOurs, Signer
from governance.proof.verifying.whole import verify_all
from runs.evidence.policy import policy_of
from tests.factories.cast import Company
from tests.factories.logs import PREFIX, fill, sign_all
from tests.harness.fresh import FreshDatabase
from tests.proof.growing import tell

Rotate = Callable[..., None]


@pytest.fixture
def rotate(fresh_database: FreshDatabase, northwind: Company, tmp_path: Path, settings: Settings) -> Rotate:
    """Logs that are signed; the command, by which a new key takes over."""
    settings.LEDGER_STATE = tmp_path / "state"
    settings.LEDGER_KEY_FILE = str(tmp_path / "key.pem")
    settings.LEDGER_ORIGIN = PREFIX
    tell(northwind, 3)
    sign_all(tmp_path)
    make_key(tmp_path / "new.pem")

    def run(**given: Any) -> None:
        told = {"to": str(tmp_path / "new.pem"), "by": northwind.owner.email, "reason": "It is a year old."}
        call_command("ledger", "rotate-key", **{**told, **given})

    return run


def goes_on(folder: Path, company: Company) -> Checkpoint:
    """By the new key alone, and all that was signed holds."""
    (folder / "new.pem").replace(folder / "key.pem")
    tell(company)
    sign_all(folder)
    report = verify_all(state=folder / "state")
    assert report.holds, report.findings
    return Checkpoint.objects.of(company.organisation.pk)[0]


def test_what_comes_after_is_signed_by_the_new_key_over_the_event_that_says_so(
    rotate: Rotate, northwind: Company, tmp_path: Path
) -> None:
    log = northwind.organisation.pk
    rotate()

    old, new = LogKey.objects.filter(log=log).order_by("from_size")
    event = Event.objects.get(pk=new.event)
    position = position_of(event.pk)
    assert (event.kind, event.actor, event.details["reason"]) == (
        Kind.LOG_KEY_ROTATED, northwind.owner.pk, "It is a year old.",
    )  # fmt: skip
    assert position is not None
    for found in Checkpoint.objects.of(log):
        key = old if found.size < new.from_size else new
        assert verify(parse(bytes(found.note)), [parse_vkey(key.vkey)])
        assert key is old or found.size > position.position
    assert goes_on(tmp_path, northwind).size > new.from_size
    told = policy_of(northwind.organisation)["keys"]
    assert [(key["vkey"], key["from"], key["to"]) for key in told] == [
        (old.vkey, 0, new.from_size - 1), (new.vkey, new.from_size, None),
    ]  # fmt: skip


def test_the_old_key_signs_no_more_and_says_what_to_do(
    rotate: Rotate, northwind: Company, tmp_path: Path
) -> None:
    rotate()
    tell(northwind)

    with pytest.raises(NotOurs, match="rotate-key"):
        sign_all(tmp_path)


@pytest.mark.parametrize("at", ["_sign", "_hand_over", "_of"])
@pytest.mark.parametrize("after", [False, True])
def test_wherever_it_is_killed_it_goes_on_when_it_is_called_again(
    rotate: Rotate, northwind: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str, after: bool
) -> None:
    plain = getattr(rotation, at)

    def killed(*args: object, **given: object) -> None:
        if after:
            plain(*args, **given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rotation, at, killed)
        with pytest.raises(KeyboardInterrupt):
            rotate()
    rotate()

    assert LogKey.objects.filter(log=northwind.organisation.pk).count() == 2
    goes_on(tmp_path, northwind)


def test_until_the_event_is_sequenced_nothing_is_signed_by_the_new_key(
    rotate: Rotate, northwind: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = northwind.organisation.pk
    signs = rotation._sign
    calls: list[object] = []

    def once(*args: Any) -> None:
        calls.append(args)
        if len(calls) > 1:
            raise KeyboardInterrupt
        signs(*args)

    with monkeypatch.context() as patch:
        patch.setattr(rotation, "_sign", once)
        patch.setattr(rotation, "sequence", lambda: 0)
        with pytest.raises(KeyboardInterrupt):
            rotate()
    before = Checkpoint.objects.of(log).count()
    with held(tmp_path / "state") as memory:
        found = Signer(read_key(tmp_path / "new.pem"), memory, prefix=PREFIX)
        found.start()
        assert found.sign(log) is None
    assert Checkpoint.objects.of(log).count() == before
    goes_on(tmp_path, northwind)


def test_a_memory_from_before_takes_up_what_both_keys_signed(
    rotate: Rotate, northwind: Company, tmp_path: Path
) -> None:
    earlier = (tmp_path / "state" / "signed.json").read_bytes()
    fill(northwind, 20)
    sign_all(tmp_path)
    rotate()
    (tmp_path / "state" / "signed.json").write_bytes(earlier)

    last = goes_on(tmp_path, northwind)
    kept = {found.log: found.note.size for found in remembered(tmp_path / "state")}
    assert kept[northwind.organisation.pk] == last.size


def test_in_a_checkout_the_new_key_takes_the_place_of_the_old(
    rotate: Rotate, northwind: Company, tmp_path: Path, settings: Settings
) -> None:
    (tmp_path / "key.pem").rename(tmp_path / "state" / "log-key.pem")
    settings.LEDGER_KEY_FILE, settings.LEDGER_ORIGIN = "", ""
    rotate()

    in_place = tmp_path / "state" / "log-key.pem"
    assert read_key(in_place).private_bytes_raw() == read_key(tmp_path / "new.pem").private_bytes_raw()
    assert in_place.stat().st_mode & 0o777 == 0o600
    assert len([*(tmp_path / "state").glob("log-key-before-*.pem")]) == 1
    goes_on(tmp_path, northwind)


def test_a_key_that_nobody_vouches_for_is_found(
    rotate: Rotate, fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    last = LogKey.objects.get(log=northwind.organisation.pk)
    vkey = own_key(name_of(last), make_key(tmp_path / "stranger.pem")).vkey
    with fresh_database.connect("owner") as owner:
        owner.execute(
            "INSERT INTO ledger_key (id, log, vkey, from_size, event)"
            " VALUES (gen_random_uuid(), %s, %s, 1000, %s)",
            [last.log, vkey, last.event],
        )

    assert [found.code for found in verify_all().findings] == ["key_unproven"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"by": "nobody@example.com"}, "--by"),
        ({"reason": " "}, "Say why"),
        ({"to": "/nowhere/key.pem"}, "cannot be read"),
    ],
)
def test_what_is_not_said_well_changes_nothing(rotate: Rotate, given: dict[str, str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        rotate(**given)
    assert not Event.objects.filter(kind=Kind.LOG_KEY_ROTATED).exists()


def test_nobody_rotates_but_an_owner_nor_beside_the_keeper_nor_to_the_same_key(
    rotate: Rotate, northwind: Company, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match="platform owner"):
        rotate(by=northwind.approver.email)
    with pytest.raises(CommandError, match="signs already"):
        rotate(to=str(tmp_path / "key.pem"))
    with held(tmp_path / "state"), pytest.raises(CommandError, match="never more than one"):
        rotate()
    assert not Event.objects.filter(kind=Kind.LOG_KEY_ROTATED).exists()
