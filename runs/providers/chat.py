"""OpenAI-compatible chat completions: the one protocol that every supported model server speaks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from runs.providers.completion import Completion, completion
from runs.providers.errors import (
    AnswerTooLarge,
    MalformedAnswer,
    ProviderBrokeOff,
    ProviderError,
    ProviderRefused,
    ProviderTooSlow,
    ProviderUnreachable,
)
from runs.providers.registry import Provider
from runs.providers.wire import Answer, NoAnswer, Request, TooLarge, TooSlow, exchange

LARGEST_ANSWER = 4_000_000  # bytes on the wire
LONGEST_EXCERPT = 300
OK = 200


@dataclass(frozen=True)
class Question:
    """What is asked: rendered messages, a model with its parameters, and the answer's schema if any."""

    model: str
    messages: Sequence[Mapping[str, str]]
    parameters: Mapping[str, float | int]
    schema: Mapping[str, Any] | None = None

    def body(self) -> bytes:
        """The request's JSON."""
        asked: dict[str, Any] = {
            "model": self.model,
            "messages": list(self.messages),
            "stream": False,
            **self.parameters,
        }
        if self.schema is not None:
            form = {"name": "answer", "strict": True, "schema": self.schema}
            asked["response_format"] = {"type": "json_schema", "json_schema": form}
        return orjson.dumps(asked)


def ask(
    provider: Provider, question: Question, *, idempotency_key: str, seconds: float | None = None
) -> Completion:
    """Ask once and return the typed answer; whether to ask again is the engine's decision.

    It takes no longer than the provider's own limit, nor than `seconds`. Raises a `ProviderError`:
    `ProviderUnreachable`, `ProviderBrokeOff`, `ProviderTooSlow`, `ProviderRefused`, `AnswerTooLarge` or
    `MalformedAnswer`.
    """
    limit = provider.timeout_seconds if seconds is None else min(seconds, provider.timeout_seconds)
    request = _request(provider, question, idempotency_key)
    try:
        body = _checked(provider, exchange(request, seconds=limit, largest=LARGEST_ANSWER))
    except NoAnswer as problem:
        raise _unanswered(provider, problem, limit) from problem
    try:
        return completion(body)
    except MalformedAnswer as problem:
        problem.body = _without_key(provider, body)
        raise


def _request(provider: Provider, question: Question, key: str) -> Request:
    headers = {"Content-Type": "application/json", "Accept": "application/json", "Idempotency-Key": key}
    if provider.api_key:
        headers["Authorization"] = f"Bearer {provider.api_key}"
    url = f"{provider.base_url}/chat/completions"
    return Request("POST", provider.base_url, url, headers, question.body())


def _unanswered(provider: Provider, problem: NoAnswer, limit: float) -> ProviderError:
    match problem:
        case TooSlow():
            return ProviderTooSlow(
                f"“{provider.name}” gave no complete answer within {limit:g} seconds. "
                "Try again when the server has less to do."
            )
        case TooLarge():
            return AnswerTooLarge(
                f"“{provider.name}” sent more than {LARGEST_ANSWER:,} bytes; reading stopped there.",
                body=_without_key(provider, problem.body)[:LONGEST_EXCERPT],
            )
    if problem.sent:
        return ProviderBrokeOff(
            f"The connection to “{provider.name}” broke while it was being asked ({problem.reason}): "
            "it may have received the request. Check that the model server runs, then resume the run."
        )
    return ProviderUnreachable(
        f"“{provider.name}” could not be reached ({problem.reason}). Check that the model server runs."
    )


def _checked(provider: Provider, answer: Answer) -> bytes:
    if answer.status != OK:
        raise _refusal(provider, answer, _without_key(provider, answer.body))
    if answer.kind != "application/json" or "content-encoding" in answer.headers:
        encoding = answer.headers.get("content-encoding", "")
        raise MalformedAnswer(
            f"The answer is “{answer.kind or 'of no kind'}” {encoding}, not plain JSON.",
            body=_without_key(provider, answer.body),
        )
    return answer.body


def _without_key(provider: Provider, body: bytes) -> bytes:
    """What came instead of an answer: it is kept where everybody on the project reads it, and for good."""
    return body.replace(provider.api_key.encode(), b"[key]") if provider.api_key else body


def _refusal(provider: Provider, answer: Answer, body: bytes) -> ProviderError:
    advice = {
        401: "Check LLM_API_KEY.",
        403: "Check what LLM_API_KEY may do.",
        404: "Check LLM_BASE_URL and the model's name.",
        429: "It has too much to do: try again later.",
    }.get(answer.status, "Try again when the server is well.")
    return ProviderRefused(
        f"“{provider.name}” answered with status {answer.status}. {advice}"
        " What it said is kept with the attempt.",
        status=answer.status,
        retry_after=answer.retry_after,
        body=body,
    )
