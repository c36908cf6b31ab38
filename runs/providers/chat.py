"""OpenAI-compatible chat completions: the one protocol that every supported model server speaks."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from runs.providers.clients import client_for
from runs.providers.completion import Completion, completion
from runs.providers.errors import (
    AnswerTooLarge,
    MalformedAnswer,
    ProviderError,
    ProviderRefused,
    ProviderTooSlow,
    ProviderUnreachable,
)
from runs.providers.loop import call
from runs.providers.registry import Provider

LARGEST_ANSWER = 4_000_000  # bytes on the wire
LONGEST_EXCERPT = 300
CONNECT_SECONDS = 10.0
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


def ask(provider: Provider, question: Question, *, idempotency_key: str) -> Completion:
    """Ask once and return the typed answer; whether to ask again is the engine's decision.

    Raises a `ProviderError`: `ProviderUnreachable`, `ProviderTooSlow`, `ProviderRefused`, `AnswerTooLarge` or
    `MalformedAnswer`.
    """
    body = call(_asked(provider, question, idempotency_key))
    try:
        return completion(body)
    except MalformedAnswer as problem:
        raise MalformedAnswer(problem.detail, body=_without_key(provider, body)) from problem


async def _asked(provider: Provider, question: Question, key: str) -> bytes:
    headers = {"Content-Type": "application/json", "Accept": "application/json", "Idempotency-Key": key}
    if provider.api_key:
        headers["Authorization"] = f"Bearer {provider.api_key}"
    try:
        async with asyncio.timeout(provider.timeout_seconds):
            client = client_for(provider.base_url)
            request = client.build_request(
                "POST",
                f"{provider.base_url}/chat/completions",
                content=question.body(),
                headers=headers,
                timeout=httpx.Timeout(
                    provider.timeout_seconds, connect=min(CONNECT_SECONDS, provider.timeout_seconds)
                ),
            )
            response = await client.send(request, stream=True)
            try:
                return await _read(provider, response)
            finally:
                await response.aclose()
    except (TimeoutError, httpx.ReadTimeout, httpx.WriteTimeout, httpx.PoolTimeout) as problem:
        raise ProviderTooSlow(
            f"“{provider.name}” gave no complete answer within {provider.timeout_seconds:g} seconds. "
            "Resume the run when the server has less to do."
        ) from problem
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        raise ProviderUnreachable(
            f"“{provider.name}” could not be reached ({type(problem).__name__}). "
            "Check that the model server runs, then resume the run."
        ) from problem


async def _read(provider: Provider, response: httpx.Response) -> bytes:
    body = bytearray()
    # Raw bytes: a compressed answer is refused below, so that a small one cannot unfold into a huge one.
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise AnswerTooLarge(
                f"“{provider.name}” sent more than {LARGEST_ANSWER:,} bytes; reading stopped there.",
                body=_without_key(provider, bytes(body))[:LONGEST_EXCERPT],
            )
    if response.status_code != OK:
        raise _refusal(provider, response, _without_key(provider, bytes(body)))
    kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json" or "content-encoding" in response.headers:
        encoding = response.headers.get("content-encoding", "")
        raise MalformedAnswer(
            f"The answer is “{kind or 'of no kind'}” {encoding}, not plain JSON.",
            body=_without_key(provider, bytes(body)),
        )
    return bytes(body)


def _without_key(provider: Provider, body: bytes) -> bytes:
    """What came instead of an answer: it is kept where everybody on the project reads it, and for good."""
    return body.replace(provider.api_key.encode(), b"[key]") if provider.api_key else body


def _refusal(provider: Provider, response: httpx.Response, body: bytes) -> ProviderError:
    said = body[:LONGEST_EXCERPT].decode("utf-8", "replace").replace("\x00", "")
    advice = {
        401: "Check LLM_API_KEY.",
        403: "Check what LLM_API_KEY may do.",
        404: "Check LLM_BASE_URL and the model's name.",
        429: "It has too much to do: resume the run later.",
    }.get(response.status_code, "Resume the run when the server is well.")
    waits = response.headers.get("retry-after", "")
    return ProviderRefused(
        f"“{provider.name}” answered with status {response.status_code}. {advice} It said: {said}",
        status=response.status_code,
        retry_after=float(waits) if waits.isascii() and waits.isdigit() else None,
        body=body,
    )
