"""GET /ledger/proof/, a checkpoint and an event's proof, and what the bar says of the ledger."""

from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from governance.accounts.models import User
from governance.ledger.models import Event
from governance.merkle.keys import from_base64, parse_vkey
from governance.merkle.note import Note, parse, sign, verify
from governance.merkle.tree import leaf_hash, verify_inclusion
from governance.proof.cosigned import cosigned_note
from governance.proof.findings import Finding
from governance.proof.freezing import freeze, thaw
from governance.proof.keys import read_key
from governance.proof.memory import held
from governance.proof.models import Checkpoint, Freeze, LogKey
from governance.proof.restoring import restore_log
from governance.proof.verifying.rolling import Rounds
from governance.proof.witnesses import Witness
from tests.factories.cast import Company
from tests.factories.logs import PREFIX, cosign_all, sign_all
from tests.factories.things import make_prompt
from tests.merkle.signers import witness_key
from tests.visiting import Browsing

PROOF = reverse("governance:proof")


def freeze_log(company: Company) -> Freeze:
    finding = Finding("record_altered", "A record is not what was hashed.", company.organisation.pk, 3)
    freeze(finding, actor=User.objects.system("keeper"))
    return Freeze.objects.get(log=company.organisation.pk)


def badge(company: Company, browsing: Browsing, part: str = "auditor") -> tuple[str, str]:
    shown = browsing(company.person(part)).get(PROOF).context["shell"].ledger
    return shown.tone, shown.word


def test_before_the_first_signature_the_bar_and_the_page_say_so(
    northwind: Company, browsing: Browsing
) -> None:
    assert badge(northwind, browsing) == ("none", "Ledger not signed yet")
    assert "Nothing is signed yet" in browsing(northwind.auditor).get(PROOF).content.decode()


def test_the_bar_says_when_the_ledger_was_verified(
    northwind: Company, browsing: Browsing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_all(tmp_path)
    assert badge(northwind, browsing) == ("wait", "Ledger verification overdue")
    Rounds().go()
    assert badge(northwind, browsing) == ("ok", "Ledger verified just now")
    monkeypatch.setattr("portal.web.ledger_badge.OVERDUE_SECONDS", -1)
    assert badge(northwind, browsing)[0] == "wait"


def test_the_bar_turns_red_for_whom_the_finding_concerns_until_it_is_thawed(
    northwind: Company, rival: Company, browsing: Browsing, tmp_path: Path
) -> None:
    sign_all(tmp_path)
    Rounds().go()
    found = freeze_log(northwind)

    assert badge(northwind, browsing) == ("bad", "Ledger does not hold")
    assert badge(rival, browsing)[0] == "ok"
    page = browsing(northwind.auditor).get(PROOF).content.decode()
    assert "A record is not what was hashed." in page
    assert "position 3" in page
    assert "A record is not what was hashed." not in browsing(rival.auditor).get(PROOF).content.decode()
    thaw(found, actor=northwind.owner, reason="It was a drill of ours.")
    assert badge(northwind, browsing)[0] == "ok"
    assert "It was a drill of ours." in browsing(northwind.auditor).get(PROOF).content.decode()


def test_an_organisation_sees_its_own_log_alone(
    northwind: Company, rival: Company, browsing: Browsing, tmp_path: Path
) -> None:
    sign_all(tmp_path)
    theirs = browsing(northwind.auditor).get(PROOF)
    assert [row["log"].pk for row in theirs.context["logs"]] == [northwind.organisation.pk]
    key = LogKey.objects.get(log=northwind.organisation.pk)
    assert key.vkey in theirs.content.decode()

    found = Checkpoint.objects.of(northwind.organisation.pk)[0]
    address = reverse("governance:checkpoint", args=[found.pk])
    assert bytes(found.note).decode() in browsing(northwind.auditor).get(address).content.decode()
    assert browsing(rival.owner).get(address).status_code == 404


def test_an_events_proof_is_taken_away_and_verifies_without_the_portal(
    northwind: Company, browsing: Browsing, tmp_path: Path
) -> None:
    prompt = make_prompt(northwind)
    event = Event.objects.about("version", prompt.pk)[0]
    client = browsing(northwind.auditor)
    page, proof = (reverse(f"governance:{name}", args=[event.pk]) for name in ("event", "event-proof"))
    assert "no checkpoint covers it" in client.get(page).content.decode()
    refused = client.get(proof)
    assert (refused.status_code, "No checkpoint covers this entry yet" in refused.content.decode()) == (
        409,
        True,
    )

    sign_all(tmp_path)
    assert "checkpoint at" in client.get(page).content.decode()
    answer = client.get(proof)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    head, _, note = answer.content.partition(b"\n\n")
    form, index, *hashes = head.decode().split("\n")
    signed = parse(note)
    assert form == "c2sp.org/tlog-proof@v1"
    assert verify(signed, [parse_vkey(LogKey.objects.get(log=northwind.organisation.pk).vkey)])
    verify_inclusion(
        leaf_hash(bytes(event.record)), int(index.removeprefix("index ")), signed.note.size,
        [from_base64(line) for line in hashes], signed.note.root,
    )  # fmt: skip


def test_a_filter_that_is_none_is_refused(northwind: Company, browsing: Browsing) -> None:
    assert browsing(northwind.auditor).get(PROOF, {"x": "1"}).status_code == 400


def test_who_saw_a_checkpoint_is_shown_and_that_nobody_is_asked_is_said(
    northwind: Company, browsing: Browsing, tmp_path: Path, settings: Settings
) -> None:
    sign_all(tmp_path)
    found = Checkpoint.objects.of(northwind.organisation.pk)[0]
    pages = PROOF, reverse("governance:checkpoint", args=[found.pk])
    client = browsing(northwind.auditor)
    for page in pages:
        assert "No witness is configured" in client.get(page).content.decode()

    settings.WITNESSES = (Witness("Our auditors", "http://127.0.0.1:1", witness_key()),)
    proof, checkpoint = (client.get(page).content.decode() for page in pages)
    assert "has not seen it yet" in proof
    assert "it proves nothing against its owner" in proof
    assert "No witness has cosigned this checkpoint." in checkpoint
    cosign_all(timezone.now())
    proof, checkpoint = (client.get(page).content.decode() for page in pages)
    assert f"saw {found.size:,} entries" in proof
    for shown in ("Our auditors", "on this machine", "Holds", cosigned_note(found).decode()):
        assert shown in checkpoint
    settings.WITNESSES = ()
    assert "not named by this installation" in client.get(pages[1]).content.decode()


def test_a_restore_is_told_on_the_page_and_in_the_bar(
    northwind: Company, browsing: Browsing, tmp_path: Path
) -> None:
    log = northwind.organisation.pk
    sign_all(tmp_path)
    last = Checkpoint.objects.of(log)[0]
    lost = sign(read_key(tmp_path / "key.pem"), Note(f"{PREFIX}/northwind", last.size + 40, bytes(32)))
    with held(tmp_path / "state") as memory:
        memory.keep({log: lost})
        restore_log(
            log,
            key=read_key(tmp_path / "key.pem"),
            memory=memory,
            prefix=PREFIX,
            actor=northwind.owner,
            reason="The disk broke.",
        )
    Rounds().go()

    assert badge(northwind, browsing) == ("ok", "Ledger verified just now, with a restore")
    page = browsing(northwind.auditor).get(PROOF).content.decode()
    assert f"{PREFIX}/northwind~2" in page
    assert f"signed up to {last.size + 40:,} entries" in page
    assert "The disk broke." in page
