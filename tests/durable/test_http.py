"""The `http` node against a real service, whatever it answers."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.catalog.calls import HttpCall
from runs.artifacts.opening import bytes_of
from runs.durable.failures import StepFailed
from runs.durable.requests import request_of
from runs.lineage.models import Edge
from runs.providers.endpoints import Endpoint
from runs.records.models import Run
from tests.factories.calls import calling_bank
from tests.factories.cast import Company
from tests.factories.runs import begin, finish, personal, released
from tests.providers.serving import Calling

BANK = Endpoint("bank", "https://bank.example/api", {"X-Api-Key": "k"}, ("k",), 5.0)
IRREVERSIBLE = {"irreversible": "The other side has no way to take it back."}


def called(company: Company, letter: str = "twice", **node: Any) -> Run:
    """A run of it, driven once."""
    return finish(begin(company, released(company, calling_bank(**node)), letter))


def test_values_go_into_the_path_and_the_query(northwind: Company, calling: Calling) -> None:
    run = called(
        northwind,
        "a/b ?#é",
        path="/accounts/{letter}/items",
        settings={"limit": 3, "open": True},
    )

    assert run.state == Run.State.SUCCEEDED, run.error
    [asked] = calling.asked()
    assert asked["path"] == "/well/accounts/a%2Fb%20%3F%23%C3%A9/items?limit=3&open=true"
    assert (asked["method"], asked["body"], asked["headers"]["X-Api-Key"]) == ("GET", "", "bank-secret")


def test_what_the_path_does_not_name_is_the_body(northwind: Company, calling: Calling) -> None:
    called(northwind, method="PUT", path="/accounts/7", settings={"open": True}, effect="idempotent")

    [asked] = calling.asked()
    assert (asked["method"], asked["path"]) == ("PUT", "/well/accounts/7")
    assert json.loads(asked["body"]) == {"letter": "twice", "open": True}


def test_the_answer_is_the_output_as_it_came_and_is_as_protected_as_what_was_sent(
    northwind: Company, calling: Calling
) -> None:
    run = finish(begin(northwind, released(northwind, personal(calling_bank())), "twice"))

    assert run.output is not None
    assert bytes_of(run.output) == b'{"balance": 12.50, "iban": "DE02"}'
    step = run.steps.get()
    assert (step.kind, step.classification) == ("http", "personal")
    assert step.facts == {"endpoint": "bank", "host": "127.0.0.1", "method": "GET", "status": 200}


@pytest.mark.parametrize(
    ("manner", "body", "kind"),
    [("text", "Grüße".encode(), "text/plain"), ("silent", b"null", "application/json")],
)
def test_text_and_nothing_are_answers_too(
    northwind: Company, calling: Calling, manner: str, body: bytes, kind: str
) -> None:
    calling.be(manner)

    run = called(northwind)

    assert run.output is not None
    assert (bytes_of(run.output), run.output.media_type) == (body, kind)


def test_the_key_depends_on_the_step_and_not_on_the_attempt(northwind: Company, calling: Calling) -> None:
    calling.be("broken")
    retry = {"attempts": 2, "first_delay_ms": 0}
    run = called(northwind, method="POST", effect="idempotent", retry=retry)
    again = Run.objects.get(pk=run.pk)
    assert (again.state, again.waits_for) == ("waiting", "retry")
    Run.objects.filter(pk=run.pk).update(state="ready")

    finish(again)

    keys = [asked["headers"]["Idempotency-Key"] for asked in calling.asked()]
    assert keys == [hashlib.sha256(f"{run.pk}:call:0".encode()).hexdigest()] * 2


MANNERS = {
    "doubled": ("answer_refused", "twice in one object", True),
    "picture": ("answer_refused", "image/png", True),
    "packed": ("answer_refused", "compressed", True),
    "moved": ("endpoint_refused", "status 302", True),
    "wrong": ("endpoint_refused", "status 422", True),
    "busy": ("endpoint_refused", "status 429", False),
    "resting": ("endpoint_refused", "status 503", False),
    "broken": ("endpoint_refused", "status 500", False),
    "gone": ("endpoint_broke_off", "It may have received the request", False),
    "endless": ("answer_too_large", "4,000,000 bytes", False),
    "dripping": ("timed_out", "within 1 seconds", False),
}


@pytest.mark.parametrize(
    ("manner", "code", "words", "final"), [(k, *v) for k, v in MANNERS.items()], ids=MANNERS
)
def test_a_service_that_misbehaves_fails_the_step_in_words(
    northwind: Company, calling: Calling, manner: str, code: str, words: str, final: bool
) -> None:
    calling.be(manner)

    retry = {"attempts": 2, "first_delay_ms": 60_000}
    run = called(northwind, retry=retry, timeout_s=1 if manner == "dripping" else 60)

    assert run.error is not None
    assert (run.error.code, run.error.node) == (code, "call")
    assert words in run.error.detail
    assert run.state == ("failed" if final else "waiting")
    assert "bank-secret" not in str(run.error)
    assert len(calling.asked()) == 1


def test_what_came_instead_of_an_answer_is_kept_without_the_key(northwind: Company, calling: Calling) -> None:
    calling.be("wrong")

    run = called(northwind)

    answer = Edge.objects.get(step__run=run, role=Edge.Role.ANSWER).artifact
    assert bytes_of(answer) == b"no such account, [key]"
    assert "no such account" not in str(run.error)


def test_a_key_that_is_told_in_a_good_answer_is_not_kept_either(northwind: Company, calling: Calling) -> None:
    calling.be("echo")

    run = called(northwind)

    assert run.output is not None
    assert bytes_of(run.output) == b'{"key": "[key]"}'


@pytest.mark.parametrize(("manner", "seconds"), [("busy", 7), ("resting", 40)])
def test_the_next_attempt_comes_when_the_service_asks_for_it(
    northwind: Company, calling: Calling, manner: str, seconds: int
) -> None:
    """By its own clock, where it tells one."""
    calling.be(manner)

    run = called(northwind, retry={"attempts": 3, "first_delay_ms": 1})

    assert run.wake_at is not None
    assert run.waits_since is not None
    assert abs((run.wake_at - run.waits_since).total_seconds() - seconds) < 1


@pytest.mark.parametrize(
    ("manner", "state", "code"),
    [
        ("broken", "needs_review", "outcome_unknown"),
        ("gone", "needs_review", "outcome_unknown"),
        ("dripping", "needs_review", "outcome_unknown"),
        ("endless", "needs_review", "outcome_unknown"),
        ("picture", "needs_review", "outcome_unknown"),
        ("wrong", "failed", "endpoint_refused"),
        ("busy", "failed", "endpoint_refused"),
        ("nowhere", "failed", "endpoint_unreachable"),
        ("well", "succeeded", ""),
    ],
)
def test_of_an_unsafe_call_it_is_said_when_nobody_knows_what_became_of_it(
    northwind: Company, calling: Calling, manner: str, state: str, code: str
) -> None:
    calling.be(manner, **({"base_url": "http://127.0.0.1:9"} if manner == "nowhere" else {}))

    run = called(northwind, method="POST", timeout_s=1 if manner == "dripping" else 60, **IRREVERSIBLE)

    assert (run.state, run.error.code if run.error else "") == (state, code)


def test_an_endpoint_that_the_environment_does_not_name_is_not_called(
    northwind: Company, calling: Calling
) -> None:
    run = called(northwind, endpoint="metadata")

    assert run.error is not None
    assert run.error.code == "endpoint_unknown"
    assert "(known: bank)" in run.error.detail
    assert calling.asked() == []


UNFIT = {
    "up": ("/a/../b", "x"),
    "up_encoded": ("/a/%2e%2E/b", "x"),
    "value_up": ("/a/{letter}/b", ".."),
    "value_here": ("/a/{letter}", "."),
    "empty": ("/a/{letter}", ""),
    "list": ("/a/{letter}", ["x"]),
    "unknown_place": ("/a/{nobody}", "x"),
    "query": ("/a?admin=1", "x"),
    "fragment": ("/a#b", "x"),
    "other_host": ("//evil.example/a", "x"),
    "backslash": ("/\\evil.example", "x"),
    "too_long": ("/a/{letter}", "x" * 9000),
}


@pytest.mark.parametrize(("path", "value"), UNFIT.values(), ids=UNFIT)
def test_a_path_that_leads_elsewhere_is_refused(path: str, value: Any) -> None:
    call = HttpCall(kind="http", endpoint="bank", path=path)

    with pytest.raises(StepFailed) as refusal:
        request_of(call, {"letter": value}, BANK, key="k")

    assert (refusal.value.code, refusal.value.final) == ("request_refused", True)


@given(st.text(min_size=1, max_size=60).filter(lambda text: text not in {".", ".."}))
def test_whatever_a_value_holds_the_request_stays_in_its_segment(value: str) -> None:
    call = HttpCall(kind="http", endpoint="bank", path="/accounts/{letter}/items")
    try:
        value.encode()
    except UnicodeEncodeError:
        return  # no recorded value is one

    request = request_of(call, {"letter": value, "also": value}, BANK, key="k")

    scheme, _, host, *path = request.url.split("?")[0].split("/")
    assert (scheme, host, path[0], path[1], path[3], len(path)) == (
        "https:", "bank.example", "api", "accounts", "items", 4
    )  # fmt: skip
