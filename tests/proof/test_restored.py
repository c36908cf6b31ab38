"""After a restore from an older backup a log goes on under its next name, and says what is lost."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.merkle.note import parse
from governance.proof import restoring
from governance.proof.keys import read_key
from governance.proof.log_keys import own_key
from governance.proof.memory import held, remembered
from governance.proof.models import Checkpoint, Freeze, LogKey
from governance.proof.signing import Signer
from governance.proof.standing import refuse_unless_standing
from governance.proof.verifying.whole import verify_all
from runs.evidence.policy import policy_of
from tests.factories.cast import Company
from tests.factories.logs import PREFIX, fill, look, sign_all
from tests.harness.fresh import FreshDatabase
from tests.proof.growing import tell
from tests.proof.tampering import altered

Restore = Callable[..., None]
NEXT = f"{PREFIX}/northwind~2"


@pytest.fixture
def restore(fresh_database: FreshDatabase, northwind: Company, tmp_path: Path, settings: Settings) -> Restore:
    """A backup that is older than what was signed is back in place; the command."""
    settings.LEDGER_STATE = tmp_path / "state"
    settings.LEDGER_KEY_FILE = str(tmp_path / "key.pem")
    settings.LEDGER_ORIGIN = PREFIX
    fill(northwind, 300)
    sign_all(tmp_path)
    tell(northwind, 2)
    backup = fresh_database.backup()
    tell(northwind, 20)
    sign_all(tmp_path)
    fresh_database.restore(backup)

    def run(**given: Any) -> None:
        told = {"log": "northwind", "by": northwind.owner.email, "reason": "The disk broke."}
        call_command("ledger", "restore", **{**told, **given})

    return run


def signed(company: Company) -> list[tuple[str, int]]:
    found = Checkpoint.objects.of(company.organisation.pk).order_by("size")
    return [(parse(bytes(each.note)).note.origin, each.size) for each in found]


def test_until_somebody_says_so_the_log_is_not_signed(
    restore: Restore, northwind: Company, tmp_path: Path
) -> None:
    before = signed(northwind)
    look(tmp_path)

    assert signed(northwind) == before
    assert [found.code for found in Freeze.objects.filter(log=northwind.organisation.pk)] == ["memory_ahead"]


def test_it_goes_on_under_its_next_name_and_says_what_is_lost(
    restore: Restore, northwind: Company, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    look(tmp_path)
    ((name, agreed),) = signed(northwind)
    (lost,) = [found for found in remembered(tmp_path / "state") if found.log == northwind.organisation.pk]
    restore()

    event = Event.objects.get(kind=Kind.LOG_RESTORED)
    told = event.details
    assert (event.organisation, event.actor, told["reason"]) == (
        northwind.organisation.pk, northwind.owner.pk, "The disk broke.",
    )  # fmt: skip
    assert (told["lost"]["agreed"]["size"], told["from_size"]) == (agreed, agreed + 1)
    assert (told["lost"]["note"], told["lost"]["size"]) == (lost.content.decode(), lost.note.size)
    assert {each for each, size in signed(northwind) if size > agreed} == {NEXT}
    assert name == f"{PREFIX}/northwind"
    refuse_unless_standing(northwind.organisation.pk)

    tell(northwind)
    look(tmp_path)
    report = verify_all(state=tmp_path / "state")
    assert report.holds, report.findings
    assert [(found.code, found.position, found.event) for found in report.notices] == [
        ("restored", agreed, event.pk)
    ]
    capsys.readouterr()
    call_command("ledger", "verify")
    assert f"signed up to {lost.note.size:,} entries" in capsys.readouterr().out
    policy = policy_of(northwind.organisation)
    assert (policy["origin"], [key["from"] for key in policy["keys"]]) == (NEXT, [agreed + 1])


def test_who_kept_a_note_from_the_range_that_is_lost_is_told_so(
    restore: Restore, northwind: Company, tmp_path: Path
) -> None:
    (lost,) = [found for found in remembered(tmp_path / "state") if found.log == northwind.organisation.pk]
    kept = bytes(Checkpoint.objects.of(northwind.organisation.pk)[0].note)
    restore()

    assert verify_all(notes=[kept]).holds
    assert [found.code for found in verify_all(notes=[lost.content]).findings] == ["checkpoint_lost"]


@pytest.mark.parametrize("at", ["details_bytes", "thaw", "Signer"])
def test_wherever_it_is_killed_nothing_is_signed_as_before_and_it_goes_on_when_called_again(
    restore: Restore, northwind: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    look(tmp_path)
    before = signed(northwind)

    def killed(*args: object, **given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(restoring, at, killed)
        with pytest.raises(KeyboardInterrupt):
            restore()
    look(tmp_path)
    assert {name for name, _ in signed(northwind)[len(before) :]} <= {NEXT}
    if at == "Signer":  # all is done but the first note, which the keeper has signed now
        assert signed(northwind)[-1][0] == NEXT
    else:
        restore()
    assert signed(northwind)[-1][0] == NEXT
    assert LogKey.objects.filter(log=northwind.organisation.pk).count() == 2


def test_a_second_restore_takes_a_third_name(
    restore: Restore, fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    backup = fresh_database.backup()  # from before the first restore was told of
    restore()
    tell(northwind, 2)
    sign_all(tmp_path)
    fresh_database.restore(backup)
    restore()

    assert signed(northwind)[-1][0] == f"{PREFIX}/northwind~3"
    assert verify_all(state=tmp_path / "state").holds


def test_a_name_that_the_signer_does_not_know_of_is_not_signed_under(
    restore: Restore, fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    """Whoever sets the database back could have the log go on like this, without a word of the keeper's."""
    before = signed(northwind)
    with fresh_database.connect("owner") as owner:
        owner.execute(
            "INSERT INTO ledger_key (id, log, vkey, from_size, event)"
            " VALUES (gen_random_uuid(), %s, %s, 400, gen_random_uuid())",
            [northwind.organisation.pk, own_key(NEXT, read_key(tmp_path / "key.pem")).vkey],
        )
    look(tmp_path)

    assert signed(northwind) == before
    assert "memory_ahead" in {found.code for found in Freeze.objects.all()}
    assert "key_unproven" in {found.code for found in verify_all().findings}


def test_what_was_changed_is_no_restore_in_good_faith(
    restore: Restore, fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    altered(
        fresh_database,
        "UPDATE ledger_tile SET root = sha256('') WHERE log = %s",
        northwind.organisation.pk,
        table="ledger_tile",
    )

    with pytest.raises(CommandError, match="was changed"):
        restore()
    assert not Event.objects.filter(kind=Kind.LOG_RESTORED).exists()
    with held(tmp_path / "state") as memory:
        assert memory.of(northwind.organisation.pk) is not None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"by": "nobody@example.com"}, "--by"),
        ({"reason": " "}, "Say what"),
        ({"log": "nowhere"}, "no log nowhere"),
        ({"log": "installation"}, "goes on as it is|nothing of it is there"),
    ],
)
def test_what_is_not_said_well_changes_nothing(restore: Restore, given: dict[str, str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        restore(**given)
    assert not Event.objects.filter(kind=Kind.LOG_RESTORED).exists()


def test_nobody_has_a_log_go_on_but_an_owner_of_its_organisation(
    restore: Restore, northwind: Company, rival: Company, tmp_path: Path
) -> None:
    for person in (northwind.approver, rival.owner):
        with pytest.raises(CommandError, match="platform owner"):
            restore(by=person.email)
    with held(tmp_path / "state") as memory:
        assert Signer(read_key(tmp_path / "key.pem"), memory, prefix=PREFIX).start()
