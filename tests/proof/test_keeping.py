"""The keeper: what it finds stops what relies on the ledger, until a platform owner has looked into it."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from governance.access.permissions import Role, Scope
from governance.access.services import grant_role
from governance.access.tokens import create_token
from governance.accounts.models import User
from governance.errors import Invalid, NotAllowed, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.proof.findings import Finding
from governance.proof.freezing import freeze, thaw
from governance.proof.keeping import Keeper
from governance.proof.keys import read_key
from governance.proof.memory import held
from governance.proof.models import Checkpoint, Freeze, Verification
from governance.proof.querysets import INSTALLATION
from governance.proof.reading import latest_checkpoint
from governance.proof.sequencing import sequence
from governance.proof.signing import Signer
from governance.proof.standing import refuse_unless_standing, standing
from governance.proof.waiting import await_checkpoint, told
from governance.releases.services import activate, roll_back
from portal.web.ledger_badge import ledger_badge
from tests.factories.cast import Company
from tests.factories.logs import PREFIX, look, sign_all, signer
from tests.factories.things import approve, make_active, make_approved, make_release, make_workflow
from tests.harness.fresh import FreshDatabase
from tests.proof.growing import tell
from tests.proof.tampering import altered

EDIT = """UPDATE ledger_event SET record = replace(convert_from(record, 'UTF8'), '"n":1', '"n":2')::bytea
          WHERE id = %s"""


def test_a_look_sequences_signs_and_verifies(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    assert not standing().signed
    look(tmp_path)

    assert latest_checkpoint(northwind.organisation.pk) is not None
    row = Verification.objects.get()
    assert (row.holds, row.findings) == (True, [])
    sequence()  # the announcements of the keys
    now = standing()
    assert (now.signed, now.behind_seconds, now.verified_at) == (True, 0, row.at)
    refuse_unless_standing(northwind.organisation.pk)


def test_a_finding_is_told_once_and_stops_work_until_it_is_thawed(
    fresh_database: FreshDatabase, northwind: Company, rival: Company, tmp_path: Path
) -> None:
    event = tell(northwind)[0]
    look(tmp_path)
    altered(fresh_database, EDIT, event)
    look(tmp_path)
    look(tmp_path)

    found = Freeze.objects.get()
    assert (found.code, found.log, found.finding["event"]) == (
        "record_altered",
        northwind.organisation.pk,
        str(event),
    )
    told = Event.objects.get(kind=Kind.LEDGER_FROZEN)
    assert (told.organisation, told.details["position"]) == (northwind.organisation.pk, found.position)
    with pytest.raises(WrongState, match="does not hold"):
        refuse_unless_standing(northwind.organisation.pk)
    refuse_unless_standing(rival.organisation.pk)
    assert [*Freeze.objects.visible_to(rival.owner)] == []

    for somebody in (northwind.approver, rival.owner):
        with pytest.raises(NotAllowed):
            thaw(found, actor=somebody, reason="Why not.")
    with pytest.raises(Invalid):
        thaw(found, actor=northwind.owner, reason=" ")
    thaw(found, actor=northwind.owner, reason="It was a drill.")
    with pytest.raises(WrongState, match="already"):
        thaw(found, actor=northwind.owner, reason="Again.")
    refuse_unless_standing(northwind.organisation.pk)
    look(tmp_path)
    assert Freeze.objects.count() == 1
    assert not Verification.objects.all()[0].holds


def test_a_keeper_whose_log_was_set_back_signs_nothing_and_says_so(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    tell(northwind, 3)
    sign_all(tmp_path)
    log = northwind.organisation.pk
    altered(
        fresh_database,
        "DELETE FROM ledger_entry WHERE log = %s AND position > 1",
        log,
        table="ledger_entry",
    )
    altered(fresh_database, "DELETE FROM ledger_event WHERE organisation = %s AND kind = 'weight.set'", log)

    before = Checkpoint.objects.filter(log=log).count()
    with held(tmp_path / "state") as memory:
        keeper = Keeper(Signer(read_key(tmp_path / "key.pem"), memory, prefix=PREFIX), checkpoint_seconds=60)
        keeper.start()
        keeper.attest(wanted=True)
    assert Checkpoint.objects.filter(log=log).count() == before
    assert "memory_ahead" in {found.code for found in Freeze.objects.all()}


def test_who_waits_for_a_signature_gets_it(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    organisation = northwind.organisation.pk
    assert await_checkpoint(organisation) is None  # nobody has ever signed: nothing is waited for
    look(tmp_path)
    over = threading.Event()

    def keep_on() -> None:
        with signer(tmp_path) as found:
            keeper = Keeper(found, checkpoint_seconds=3600)
            keeper.start()
            while not over.is_set():
                wanted = keeper.wait()
                keeper.sequence()
                keeper.attest(wanted=wanted)
        connections.close_all()

    thread = threading.Thread(target=keep_on)
    thread.start()
    try:
        tell(northwind)
        assert await_checkpoint(organisation, seconds=60)
    finally:
        over.set()
        thread.join()


def test_who_waits_in_vain_is_told(fresh_database: FreshDatabase, northwind: Company, tmp_path: Path) -> None:
    look(tmp_path)
    tell(northwind)
    began = time.monotonic()

    assert not await_checkpoint(northwind.organisation.pk, seconds=0.1)
    assert time.monotonic() >= began + 0.1


def test_a_ledger_that_is_a_minute_behind_decides_nothing(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(tmp_path)
    tell(northwind)
    assert standing().behind_seconds > 0
    monkeypatch.setattr("governance.proof.standing.LATEST_SECONDS", 0)

    with pytest.raises(WrongState, match="behind"):
        refuse_unless_standing(northwind.organisation.pk)
    sequence()
    refuse_unless_standing(northwind.organisation.pk)


def test_a_log_that_nobody_signs_any_more_decides_nothing_until_somebody_has_looked_into_it(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = northwind.organisation.pk
    look(tmp_path)
    sequence()
    assert standing([log]).unsigned_seconds > 0
    refuse_unless_standing(log)
    monkeypatch.setattr("governance.proof.standing.latest_signature", lambda: 0.0)
    monkeypatch.setattr("portal.web.ledger_badge.latest_signature", lambda: 0.0)

    with pytest.raises(WrongState, match="not been signed"):
        refuse_unless_standing(log)
    assert ledger_badge(northwind.approver, "/").word.startswith("Ledger not signed")
    freeze(Finding("tried", "Tried.", log), actor=User.objects.system("keeper"))
    for _ in range(2):  # it is the other log that is signed: with the announcement of its key
        with signer(tmp_path) as found:
            found.sign(INSTALLATION)
        sequence()
    thaw(Freeze.objects.get(), actor=northwind.owner, reason="The backup was put back.")
    refuse_unless_standing(log)
    assert ledger_badge(northwind.approver, "/").word.startswith("Ledger not signed")
    sign_all(tmp_path)
    tell(northwind)
    sequence()
    with pytest.raises(WrongState, match="not been signed"):  # it was signed since, and stopped again
        refuse_unless_standing(log)


def test_a_finding_of_the_installation_shows_to_whoever_it_holds_up(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    freeze(Finding("tried", "Tried.", INSTALLATION), actor=User.objects.system("keeper"))

    for person in (northwind.approver, northwind.owner):
        assert ledger_badge(person, "/").word == "Ledger does not hold"


def test_another_finding_of_the_same_kind_is_told_after_the_first_was_thawed(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    keeper = User.objects.system("keeper")
    told_so = [freeze(Finding("unprotected", said), actor=keeper) for said in ("One.", "One.", "Two.")]

    assert told_so == [True, False, True]


def test_the_command_thaws_in_the_name_of_an_owner(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    event = tell(northwind)[0]
    look(tmp_path)
    altered(fresh_database, EDIT, event)
    look(tmp_path)
    found = str(Freeze.objects.get().pk)

    call_command("ledger", "thaw")
    assert found in capsys.readouterr().out
    for given in (["x"], [str(uuid4())], [found], [found, "--by", "nobody@example.com"]):
        with pytest.raises(CommandError):
            call_command("ledger", "thaw", *given)
    call_command("ledger", "thaw", found, "--by", northwind.owner.email, "--reason", "A drill.")
    call_command("ledger", "thaw")
    assert "Nothing stands." in capsys.readouterr().out


def test_where_no_keeper_has_looked_for_minutes_nobody_waits(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    sign_all(tmp_path)
    tell(northwind)

    assert await_checkpoint(northwind.organisation.pk, seconds=60) is False
    assert told(northwind.organisation.pk) == " Recorded; the signature is outstanding."


def test_what_others_rely_on_is_refused_while_a_finding_stands_and_the_way_back_is_not(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    earlier, _ = make_active(northwind)
    make_active(northwind, version=make_workflow(northwind, asset=earlier.workflow))
    release, approved = make_release(northwind), make_approved(northwind)
    freeze(Finding("tried", "Tried.", northwind.organisation.pk), actor=User.objects.system("keeper"))

    acts: list[Callable[[], object]] = [
        lambda: approve(release, by=northwind.approver),
        lambda: activate(approved, actor=northwind.approver, reason="Now."),
        lambda: grant_role(
            northwind.project, actor=northwind.owner, role=Role.AUDITOR, to=northwind.stranger, reason="New."
        ),
        lambda: create_token(
            northwind.operator, actor=northwind.operator, organisation=northwind.organisation,
            name="nightly", scopes=[Scope.READ], life=timedelta(days=1),
        ),
    ]  # fmt: skip
    for act in acts:
        with pytest.raises(WrongState, match="does not hold"):
            act()
    assert roll_back(earlier, actor=northwind.approver, reason="It was better.").release == earlier
