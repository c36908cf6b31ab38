"""Asking a real endpoint, whatever it answers."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from runs.providers.chat import Question, ask
from runs.providers.completion import completion
from runs.providers.errors import (
    AnswerTooLarge,
    MalformedAnswer,
    ProviderBrokeOff,
    ProviderError,
    ProviderRefused,
    ProviderTooSlow,
    ProviderUnreachable,
)
from runs.providers.registry import Provider, check_weights, provider
from tests.providers.endpoint import SLOW_SECONDS
from tests.providers.serving import Serving
from tests.waiting import wait_until

HELLO = Question(
    "smollm2-135m-instruct", [{"role": "user", "content": "Hello ñ \u2028"}], {"temperature": 0.2}
)


def at(serving: Serving, manner: str, seconds: float = 30.0, key: str = "sk-secret") -> Provider:
    """The endpoint that behaves like this."""
    return Provider("default", serving.url(manner), key, seconds, "")


def test_the_answer_comes_with_what_the_server_reported(serving: Serving) -> None:
    answer = ask(at(serving, "well"), HELLO, idempotency_key="k")

    assert answer.text == "The customer was charged twice."
    assert (answer.tokens_in, answer.tokens_out, answer.finish_reason) == (11, 7, "stop")
    assert (answer.reported_model, answer.response_id) == ("smollm2-135m-instruct", "chatcmpl-1")


def test_the_request_is_what_the_protocol_asks_for(serving: Serving) -> None:
    schema = {"type": "object", "properties": {"label": {"enum": ["card"]}}}

    ask(at(serving, "well"), Question("m", HELLO.messages, {"max_tokens": 5}, schema), idempotency_key="k7")

    [asked] = serving.asked()
    assert asked["path"] == "/well/v1/chat/completions"
    assert asked["headers"]["Authorization"] == "Bearer sk-secret"
    assert asked["headers"]["Idempotency-Key"] == "k7"
    assert asked["headers"]["Accept-Encoding"] == "identity"
    assert asked["body"] == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hello ñ \u2028"}],
        "stream": False,
        "max_tokens": 5,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": schema},
        },
    }


def test_no_key_no_header(serving: Serving) -> None:
    ask(at(serving, "well", key=""), HELLO, idempotency_key="k")

    assert "Authorization" not in serving.asked()[0]["headers"]


@pytest.mark.parametrize("manner", ["slow", "dripping"])
def test_nothing_outlasts_the_deadline(serving: Serving, manner: str) -> None:
    began = time.monotonic()

    with pytest.raises(ProviderTooSlow):
        ask(at(serving, manner, seconds=0.5), HELLO, idempotency_key="k")

    assert 0.4 < time.monotonic() - began < SLOW_SECONDS / 2


def test_reading_stops_at_the_limit(serving: Serving) -> None:
    with pytest.raises(AnswerTooLarge) as refusal:
        ask(at(serving, "endless"), HELLO, idempotency_key="k")

    assert len(refusal.value.body) == 300


def test_a_redirect_is_not_followed(serving: Serving) -> None:
    with pytest.raises(ProviderRefused) as refusal:
        ask(at(serving, "moved"), HELLO, idempotency_key="k")

    assert refusal.value.status == 307
    assert len(serving.asked()) == 1


def test_a_refusal_says_when_to_come_back_and_never_the_key(serving: Serving) -> None:
    with pytest.raises(ProviderRefused) as busy:
        ask(at(serving, "busy"), HELLO, idempotency_key="k")
    with pytest.raises(ProviderRefused) as locked:
        ask(at(serving, "locked"), HELLO, idempotency_key="k")

    assert (busy.value.status, busy.value.retry_after) == (429, 7.0)
    assert "wrong key Bearer [key]" in locked.value.body.decode()
    assert "wrong key" not in locked.value.detail


@pytest.mark.parametrize("manner", ["telling", "telling_page", "telling_json", "telling_long"])
def test_no_part_of_the_key_is_kept_of_what_came_instead_of_an_answer(serving: Serving, manner: str) -> None:
    with pytest.raises(ProviderError) as refusal:
        ask(at(serving, manner, key="sk-" + "secret" * 20), HELLO, idempotency_key="k")

    assert b"Bearer [key]" in refusal.value.body
    assert b"sk-" not in refusal.value.body
    assert "sk-" not in refusal.value.detail


def test_nobody_there_is_told_from_a_connection_that_broke_after_the_request(serving: Serving) -> None:
    nowhere = Provider("default", "http://127.0.0.1:9/v1", "", 2.0, "")
    with pytest.raises(ProviderUnreachable, match="could not be reached") as unreached:
        ask(nowhere, HELLO, idempotency_key="k")
    assert not isinstance(unreached.value, ProviderBrokeOff)

    with pytest.raises(ProviderBrokeOff, match="it may have received the request"):
        ask(at(serving, "gone"), HELLO, idempotency_key="k")


@pytest.mark.parametrize("url", ["http://[::1", "ftp://127.0.0.1/v1", "nonsense"])
def test_an_address_that_is_none_is_said_so(url: str) -> None:
    with pytest.raises(ProviderError):
        ask(Provider("default", url, "", 2.0, ""), HELLO, idempotency_key="k")


def test_slow_calls_do_not_hold_up_others(serving: Serving) -> None:
    with ThreadPoolExecutor(4) as threads:
        slow = [
            threads.submit(ask, at(serving, "slow", seconds=SLOW_SECONDS), HELLO, idempotency_key="k")
            for _ in range(4)
        ]
        wait_until(lambda: len(serving.asked()) == 4, "the slow calls are under way")

        ask(at(serving, "well"), HELLO, idempotency_key="k")

        assert not any(call.done() for call in slow), "the answer came before any of the slow calls had ended"
        ask(at(serving, "hastening"), HELLO, idempotency_key="k")
        assert {call.result().text for call in slow} == {"The customer was charged twice."}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"null", b'"x"', b'{"choices": [1]}',
        b'{"choices": [{"message": {"content": 1}}]}',
        b'{"choices": [{"message": null}]}', b'{"choices": {}}', b"\xff",
        b'{"choices": [{"text": "the old form"}]}',
    ],
)  # fmt: skip
def test_what_is_not_a_completion_is_refused_with_its_bytes(body: bytes) -> None:
    with pytest.raises(MalformedAnswer) as refusal:
        completion(body)

    assert refusal.value.body == body


@pytest.mark.parametrize("told", [b"-1", b"100000001", b"1.5"])
def test_odd_usage_and_names_do_not_get_through(told: bytes) -> None:
    found = completion(
        b'{"model": ["x"], "id": 7, "usage": {"prompt_tokens": %b, "completion_tokens": true},'
        b' "choices": [{"finish_reason": null, "message": {"content": "x"}}]}' % told
    )

    assert (found.tokens_in, found.tokens_out) == (None, None)
    assert (found.reported_model, found.response_id, found.finish_reason) == ("", "", "")


def test_a_provider_is_read_from_the_settings(serving: Serving) -> None:
    serving.be("well", base_url="http://127.0.0.1:1/v1/", timeout_seconds=7)

    found = provider("default")

    assert (found.base_url, found.timeout_seconds) == ("http://127.0.0.1:1/v1", 7.0)
    with pytest.raises(ProviderError, match="There is no provider called “other” here \\(known: default\\)"):
        provider("other")


def test_weights_are_compared_only_where_something_is_pinned() -> None:
    served = Provider("default", "http://127.0.0.1:1", "", 1, "A" * 64)

    assert check_weights(served, None) is None
    assert check_weights(served, "a" * 64) is True
