"""GET /ledger/checkpoint/, /ledger/events/<id>/proof/, /ledger/consistency/"""

from pathlib import Path

from django.utils import timezone

from governance.ledger.models import Event
from governance.merkle.keys import from_base64, parse_vkey
from governance.merkle.note import parse, verify
from governance.merkle.tree import leaf_hash, verify_consistency, verify_inclusion
from governance.proof.models import Checkpoint, LogKey
from tests.api.callers import Caller
from tests.factories.cast import Company
from tests.factories.logs import cosign_all, fill, sign_all
from tests.factories.things import make_prompt
from tests.harness.fresh import FreshDatabase
from tests.merkle.signers import WITNESS_NAME


def test_an_events_proof_leads_to_the_checkpoints_root(
    northwind: Company, auditor: Caller, tmp_path: Path
) -> None:
    event = Event.objects.about("version", make_prompt(northwind).pk)[0]
    address = f"ledger/events/{event.pk}/proof/"
    assert auditor.get(address).status_code == 409
    assert auditor.get(f"ledger/checkpoint/?log={northwind.slug}").status_code == 409
    sign_all(tmp_path)
    cosign_all(timezone.now())

    told = auditor.get(address).json()
    last = auditor.get(f"ledger/checkpoint/?log={northwind.slug}").json()
    root, proof = from_base64(last["root"]), [from_base64(each) for each in told["proof"]]
    leaf = leaf_hash(from_base64(told["record"]))
    verify_inclusion(leaf, told["position"], told["size"], proof, root)
    assert str(event.pk).encode() in from_base64(told["record"])
    assert told["note"] == last["note"]
    signed = parse(last["note"].encode())
    key = parse_vkey(LogKey.objects.get(log=northwind.organisation.pk).vkey)
    assert verify(signed, [key]) == [key]
    assert (signed.note.origin, signed.note.size) == (last["origin"], last["size"])
    [seen] = last["seen_by"]
    assert (seen["witness"], seen["named"], seen["holds"]) == (WITNESS_NAME, False, True)


def test_one_size_continues_another(
    fresh_database: FreshDatabase, northwind: Company, auditor: Caller, tmp_path: Path
) -> None:
    sign_all(tmp_path)
    fill(northwind, 40)
    sign_all(tmp_path)
    new, old = Checkpoint.objects.of(northwind.organisation.pk)[:2]

    told = auditor.get(f"ledger/consistency/?log={northwind.slug}&old={old.size}&new={new.size}").json()
    proof = [from_base64(each) for each in told["proof"]]
    verify_consistency(old.size, new.size, bytes(old.root), bytes(new.root), proof)
    for sizes in ("old=3&new=2", f"old=1&new={new.size + 1}"):
        assert auditor.get(f"ledger/consistency/?log={northwind.slug}&{sizes}").status_code == 409
    for sizes in ("old=1", "old=-1&new=2", "old=1&new=x", f"old=1&new={2**64}"):
        assert auditor.get(f"ledger/consistency/?log={northwind.slug}&{sizes}").status_code == 400


def test_a_log_that_one_does_not_see_is_none(
    northwind: Company, rival: Company, auditor: Caller, tmp_path: Path
) -> None:
    sign_all(tmp_path)
    event = Event.objects.filter(organisation=rival.organisation.pk)[0]

    for log in (rival.slug, "_installation", "nothing"):
        answer = auditor.get(f"ledger/checkpoint/?log={log}")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "log")
    assert auditor.get(f"ledger/events/{event.pk}/proof/").status_code == 404
