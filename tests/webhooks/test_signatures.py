"""Signatures: whatever is wrong with one, the answer and the work are the same."""

import hmac
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from runs.records.models import Run
from runs.webhooks import signatures
from runs.webhooks.signatures import Signed, signer
from tests.api.callers import problem_of
from tests.factories.cast import Company
from tests.factories.webhooks import ABSENT, BODY, Sender, counted, sender, signature


@pytest.fixture
def post_room(northwind: Company) -> Sender:
    """Whoever delivers letters."""
    return sender(northwind, name="Post room")


def forged(name: str, post_room: Sender) -> dict[str, Any]:
    """What is wrong with the signature."""
    now = int(time.time())
    other = signatures.written(signatures.new_secret())
    good = signature(post_room.secret, BODY, key="msg_1", at=now)
    cases: dict[str, dict[str, Any]] = {
        "no headers": dict.fromkeys(("webhook_id", "webhook_timestamp", "webhook_signature"), ABSENT),
        "no id": {"webhook_id": ABSENT},
        "no time": {"webhook_timestamp": ABSENT},
        "no signature": {"webhook_signature": ABSENT},
        "too old": {"at": now - 301},
        "too new": {"at": now + 310},
        "another secret": {"secret": other},
        "another id": {"webhook_id": "msg_2"},
        "another time": {"webhook_timestamp": str(now - 1), "at": now},
        "no number": {"webhook_timestamp": f"{now}.0"},
        "a negative time": {"webhook_timestamp": f"-{now}"},
        "a very long time": {"webhook_timestamp": "9" * 5_000},
        "digits of another script": {"webhook_timestamp": "\u0661\u0662".encode().decode("latin-1")},
        "another version": {"webhook_signature": good.replace("v1,", "v2,"), "at": now},
        "no version": {"webhook_signature": good.removeprefix("v1,"), "at": now},
        "no base64": {"webhook_signature": "v1,****"},
        "half of it": {"webhook_signature": good[:-12], "at": now},
        "an empty one": {"webhook_signature": "v1,"},
        "hidden behind many": {"webhook_signature": "v1,AAAA " * 10 + good, "at": now},
        "no text": {"webhook_signature": "v1,\xe9\xff"},
        "too long an id": {"webhook_id": "m" * 151},
    }
    return cases[name]


FORGED = [
    "no headers", "no id", "no time", "no signature", "too old", "too new", "another secret", "another id",
    "another time", "no number", "a negative time", "a very long time", "digits of another script",
    "another version", "no version", "no base64", "half of it", "an empty one", "hidden behind many",
    "no text", "too long an id",
]  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_what_is_not_rightly_signed_is_refused_with_the_same_words(name: str, post_room: Sender) -> None:
    problem = problem_of(answer := post_room.send(**forged(name, post_room)), 401)

    assert problem["detail"] == "The signature is not right for this message, or it was not made just now."
    assert answer.headers["WWW-Authenticate"] == 'Standard-Webhooks realm="Countersign"'
    assert counted(post_room.webhook) == {"signature": 1}
    assert not Run.objects.exists()


def test_whatever_is_wrong_with_a_signature_costs_the_same_work(
    post_room: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    for name in ("digest", "compare_digest"):
        monkeypatch.setattr(hmac, name, noted(done, name))
    work = []
    for name in ("no headers", "no time", "too old", "another secret", "no base64", "too long an id"):
        asked = forged(name, post_room)
        done.clear()
        with CaptureQueriesContext(connection) as queries:
            post_room.send(**asked)
        work.append((list(done), len(queries)))

    assert work[0][0] == ["digest", "compare_digest"]
    assert all(found == work[0] for found in work)


def noted(done: list[str], name: str) -> Callable[..., Any]:
    """The function of `hmac`, which notes that it was called by the code that checks signatures."""
    real = getattr(hmac, name)

    def called(*given: Any) -> Any:
        if sys._getframe(1).f_globals["__name__"] == signatures.__name__:
            done.append(name)
        return real(*given)

    return called


def test_a_message_that_is_almost_five_minutes_old_is_taken(post_room: Sender) -> None:
    assert post_room.send(at=int(time.time()) - 270).status_code == 202


def test_a_body_that_was_changed_on_the_way_is_refused(post_room: Sender) -> None:
    signed = post_room.headers(BODY, "msg_1")
    headers: dict[str, Any] = {name.replace("-", "_"): value for name, value in signed.items()}

    assert post_room.send(BODY.replace(b"twice", b"thrice"), **headers).status_code == 401


@given(
    body=st.binary(max_size=200),
    key=st.text(st.characters(codec="ascii", min_codepoint=33, max_codepoint=126), min_size=1, max_size=150),
    at=st.integers(0, 10**10),
    off=st.integers(-300, 300),
    which=st.integers(0, 1),
)
def test_whatever_is_signed_in_time_is_known_by_its_secret(
    body: bytes, key: str, at: int, off: int, which: int
) -> None:
    secrets = [signatures.new_secret(), signatures.new_secret()]
    signed = Signed(body, key, str(at), signature(signatures.written(secrets[which]), body, key=key, at=at))

    assert signer(signed, secrets, now=at + off) == which
    assert signer(signed, [secrets[1 - which]], now=at + off) is None
    assert signer(signed, secrets, now=at + 301) is None
    assert signer(replace(signed, body=body + b"."), secrets, now=at) is None
    assert signer(replace(signed, timestamp=str(at + 1)), secrets, now=at) is None


@given(signatures_sent=st.text(), timestamp=st.text(), key=st.text(), body=st.binary())
def test_no_header_makes_it_fail(signatures_sent: str, timestamp: str, key: str, body: bytes) -> None:
    assert signer(Signed(body, key, timestamp, signatures_sent), [b"x" * 32], now=0) is None
