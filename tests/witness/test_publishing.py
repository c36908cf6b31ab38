"""The keeper shows its checkpoints to witnesses and keeps what they say; a contradiction is a finding."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from django.core.exceptions import ImproperlyConfigured
from pydantic import ValidationError
from pytest_django import Settings

from governance.merkle.cosignature import cosign, cosigned
from governance.merkle.note import parse
from governance.proof.cosigned import attendance, cosigned_note, seen_by
from governance.proof.freezing import thaw
from governance.proof.keys import make_key
from governance.proof.models import Checkpoint, Cosignature, Freeze
from governance.proof.publishing import publishing
from governance.proof.reading import latest_checkpoint
from governance.proof.sizes import signed_sizes
from governance.proof.verifying.rolling import Rounds
from governance.proof.verifying.whole import verify_all
from governance.proof.witnesses import configured
from portal.env import ROOT, Environment
from tests.factories.cast import Company
from tests.factories.logs import PREFIX, fill, sign_all
from tests.harness.fresh import FreshDatabase
from tests.merkle.signers import OTHER, WITNESS, WITNESS_NAME, log_key, witness_key
from tests.proof.tampering import altered
from tests.waiting import wait_until
from tests.witness.beside import answering, named, publisher, shown_before, witness_of
from tests.witness.child import witness

FUTURE = 2**40


def latest(company: Company) -> Checkpoint:
    found = latest_checkpoint(company.organisation.pk)
    assert found is not None
    return found


def test_a_checkpoint_is_cosigned_once_and_the_next_as_its_continuation(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path, settings: Settings
) -> None:
    sign_all(tmp_path)
    with witness_of(tmp_path) as found:
        shows = publisher(found, tmp_path)
        assert shows.publish() == len(signed_sizes())
        assert shows.publish() == 0
        first = latest(northwind)
        fill(northwind, 300)
        sign_all(tmp_path)
        assert publisher(found, tmp_path).publish() >= 1  # after a start, what was seen is read from the rows
        settings.WITNESSES = (found,)
        seen = seen_by(latest(northwind))

    note = parse(cosigned_note(latest(northwind)))
    assert [*cosigned(note, [witness_key()], FUTURE)] == [witness_key()]
    assert [(each.witness, each.named, each.here, each.holds) for each in seen] == [
        ("The auditors", True, True, True)
    ]
    assert [each.last.checkpoint for each in attendance(first.log) if each.last] == [latest(northwind)]
    assert Cosignature.objects.filter(checkpoint__log=first.log).count() == 2
    assert not Freeze.objects.exists()
    assert verify_all().holds


def test_a_witness_that_is_away_is_told_once_and_asked_again(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sign_all(tmp_path)
    with witness_of(tmp_path) as found:
        pass
    shows = publisher(found, tmp_path)
    assert [shows.publish(), shows.publish()] == [0, 0]

    assert caplog.text.count("does not cosign") == 1
    assert "does not cosign: ConnectError" in caplog.text
    with witness_of(tmp_path) as again:
        assert publisher(again, tmp_path).publish() == len(signed_sizes())


def test_a_witness_that_does_not_answer_delays_neither_signing_nor_another(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    asked, over = threading.Event(), threading.Event()

    def silent(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked.set()
        over.wait()
        start_response("503 Service Unavailable", [])
        return [b""]

    sign_all(tmp_path)
    with (
        witness_of(tmp_path) as well,
        answering(silent) as url,
        publishing([publisher(named(url), tmp_path), publisher(well, tmp_path)]),
    ):
        wait_until(asked.is_set, "the silent one is asked")
        fill(northwind, 1)
        made = sign_all(tmp_path)
        size = latest(northwind).size
        wait_until(lambda: Cosignature.objects.filter(checkpoint__size=size).exists(), "it is cosigned")
        over.set()
    assert made


@pytest.mark.parametrize("behind", [3, 0])
def test_another_history_than_the_witness_saw_stops_work_once(
    behind: int, fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    fill(northwind, 20)
    sign_all(tmp_path)
    size = latest(northwind).size - behind
    shown_before(tmp_path, origin(northwind), size, bytes(32))
    with witness_of(tmp_path) as found:
        shows = publisher(found, tmp_path)
        shows.publish()
        shows.publish()
        freeze = Freeze.objects.get()
        assert (freeze.code, freeze.log, freeze.position) == (
            "witness_contradicts",
            latest(northwind).log,
            size,
        )
        assert "The witness The auditors saw another history" in freeze.finding["said"]
        thaw(freeze, actor=northwind.owner, reason="It was a drill.")
        fill(northwind, 5)
        sign_all(tmp_path)
        shows.publish()
        assert Freeze.objects.count() == 1
    assert not Cosignature.objects.filter(checkpoint__log=northwind.organisation.pk).exists()
    assert Cosignature.objects.exists()  # of the other logs


def test_a_log_that_was_set_back_is_found_by_what_the_witness_saw(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    sign_all(tmp_path)
    size = latest(northwind).size
    shown_before(tmp_path, origin(northwind), size + 40, bytes(32))
    with witness_of(tmp_path) as found:
        ours = publisher(found, tmp_path, signed=lambda log: size + 40)
        ours.publish()
        assert not Freeze.objects.exists()  # it is ahead of the rows alone: what it saw was signed here
        publisher(found, tmp_path).publish()

    freeze = Freeze.objects.get()
    assert (freeze.code, freeze.log, freeze.position) == ("witness_ahead", latest(northwind).log, size + 40)


def _of_another(environ: WSGIEnvironment) -> tuple[str, bytes]:
    content = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).partition(b"\n\n")[2]
    return "200 OK", cosign(OTHER, WITNESS_NAME, parse(content).note, int(time.time()))


def _in_the_future(environ: WSGIEnvironment) -> tuple[str, bytes]:
    content = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).partition(b"\n\n")[2]
    return "200 OK", cosign(WITNESS, WITNESS_NAME, parse(content).note, int(time.time()) + 3600)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda _: ("404 Not Found", b"Who?\n"), "it answered 404: Who?"),
        (lambda _: ("403 Forbidden", b"\xff\x00"), "it answered 403"),
        (lambda _: ("400 Bad Request", b""), "it answered 400"),
        (lambda _: ("500 Internal Server Error", b"x"), "it answered 500"),
        (lambda _: ("429 Too Many Requests", b"x"), "it answered 429"),
        (lambda _: ("302 Found", b"x"), "it answered 302"),
        (lambda _: ("409 Conflict", b"many\n"), "without a size"),
        (lambda _: ("409 Conflict", b"9" * 30), "without a size"),
        (lambda _: ("409 Conflict", b"0\n"), "does not go on from 0"),
        (lambda _: ("422 Unprocessable Content", b"No.\n"), "it answered 422"),
        (lambda _: ("200 OK", b""), "without a cosignature of its own"),
        (lambda _: ("200 OK", b"hello\n"), "A signature's line"),
        (lambda _: ("200 OK", b"x" * 100_000), "longer than"),
        (_of_another, "without a cosignature of its own"),
        (_in_the_future, "seconds from now"),
    ],
)
def test_what_a_witness_answers_that_is_no_cosignature_is_told_and_changes_nothing(
    answer: Callable[[WSGIEnvironment], tuple[str, bytes]],
    said: str,
    northwind: Company,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status, body = answer(environ)
        start_response(status, [("Content-Length", str(len(body)))])
        return [body]

    sign_all(tmp_path)
    with answering(app) as url:
        assert publisher(named(url), tmp_path).publish() == 0
    assert said in caplog.text
    assert not Cosignature.objects.exists()
    assert not Freeze.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        "line = overlay(line PLACING '\\x41' FROM octet_length(line) - 9)",
        "vkey = 'witness.example/w1+2aab90bb+BAAA'",
        "seen_at = seen_at - interval '1 hour'",
        "checkpoint_id = (SELECT id FROM ledger_checkpoint k WHERE k.id <> checkpoint_id LIMIT 1)",
    ],
)
def test_a_cosignature_that_was_altered_is_found(
    change: str, fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    sign_all(tmp_path)
    with witness_of(tmp_path) as found:
        publisher(found, tmp_path).publish()
    edit = f"UPDATE ledger_cosignature SET {change} WHERE id = (SELECT id FROM ledger_cosignature LIMIT 1)"  # noqa: S608
    if change.startswith("checkpoint_id"):
        altered(
            fresh_database,
            "DELETE FROM ledger_cosignature WHERE id <> (SELECT id FROM ledger_cosignature LIMIT 1)",
            table="ledger_cosignature",
        )
    altered(fresh_database, edit, table="ledger_cosignature")

    assert {each.code for each in verify_all().findings} == {"cosignature"}
    assert {each.code for each in Rounds().go()[1]} == {"cosignature"}


def test_the_keeper_shows_what_it_signs_to_a_witness_in_another_process(
    fresh_database: FreshDatabase, northwind: Company, tmp_path: Path
) -> None:
    key = make_key(tmp_path / "key.pem")
    with witness(tmp_path, "--installation", log_key(key, PREFIX).vkey) as found:
        environment = {
            **os.environ,
            **fresh_database.environment(),
            "LEDGER_STATE": str(tmp_path / "state"),
            "LEDGER_KEY_FILE": str(tmp_path / "key.pem"),
            "LEDGER_ORIGIN": PREFIX,
            "WITNESSES": json.dumps([{"name": "The auditors", "url": found.url, "vkey": witness_key().vkey}]),
        }
        command = [sys.executable, "manage.py", "ledger", "--settings", "portal.settings", "keep"]
        keeper = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
        try:
            log = northwind.organisation.pk
            wait_until(lambda: Cosignature.objects.filter(checkpoint__log=log).exists(), "it is cosigned")
        finally:
            keeper.terminate()
            keeper.communicate()
    assert keeper.returncode == 0


def origin(company: Company) -> str:
    return f"{PREFIX}/{company.organisation.slug}"


def named_so(**changed: Any) -> tuple[str, str, str]:
    found = {"name": "A", "url": "https://w.example.com", "vkey": witness_key().vkey, **changed}
    return found["name"], found["url"], found["vkey"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([named_so(vkey="w.example.com+00000000+BAAA")], "the vkey of A is none"),
        ([named_so(vkey=log_key().vkey)], "is a log's"),
        ([named_so(), named_so(vkey=witness_key(OTHER).vkey)], "the same name"),
        ([named_so(), named_so(name="B")], "the same key"),
        ([named_so()] * 9, "more than 8"),
    ],
)
def test_a_witness_that_cannot_be_is_said_at_the_start(given: list[tuple[str, str, str]], said: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=said):
        configured(given)


@pytest.mark.parametrize(
    "given",
    ['[{"name": "A"}]', '[{"name": "", "url": "https://w.example.com", "vkey": "x"}]', '{"name": "A"}',
     '[{"name": "A", "url": "ftp://w.example.com", "vkey": "x"}]',
     '[{"name": "A", "url": "https://w.example.com?x", "vkey": "x"}]',
     '[{"name": "A", "url": "https://w.example.com", "vkey": "x", "more": 1}]'],
)  # fmt: skip
def test_witnesses_that_are_no_list_of_them_are_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WITNESSES", given)

    with pytest.raises(ValidationError, match="witnesses"):
        Environment()
