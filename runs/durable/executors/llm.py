"""The `llm` node: rendering the pinned prompt and asking the pinned model."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from django.utils import timezone
from jsonschema import Draft202012Validator

from governance.catalog.calls import LlmCall
from governance.catalog.model_versions import ModelContent
from governance.errors import Invalid
from governance.ledger.canonical import canonical
from runs.artifacts.store import JSON, OCTETS, TEXT, Content, as_text
from runs.costs.models import Price
from runs.costs.prices import cost, price_at
from runs.durable.executors.answers import checked_answer
from runs.durable.outcomes import Outcome
from runs.durable.visits import Visit, classification_of
from runs.providers.chat import Question, ask
from runs.providers.clients import is_loopback
from runs.providers.completion import Completion
from runs.providers.errors import MalformedAnswer, ProviderError
from runs.providers.registry import Provider, check_weights, provider
from runs.records.failure import Failure

LARGEST_REFUSED = 200_000


def ask_model(visit: Visit) -> Outcome:
    """Ask once. The outcome has the answer, or the failure and the answer that was refused."""
    node, inputs = cast(LlmCall, visit.call), visit.inputs
    prompt, model = visit.plan.prompts[visit.name], visit.plan.models[visit.name]
    draft = Outcome(
        kind="llm",
        inputs=inputs,
        classification=classification_of(visit),
        prompt_version=prompt.version,
        model_version=model.version,
        labels={"prompt": prompt.label, "model": model.label},
        priced=False,
    )
    try:
        messages = prompt.content.render({found.name: as_text(found.value) for found in inputs})
    except Invalid as problem:
        refused = Failure("prompt_refused", "The prompt could not be rendered", problem.message, visit.name)
        return replace(draft, failure=refused, final=True, priced=True)
    rendered = Content(canonical(messages), JSON, searched=False)
    return _asked(replace(draft, prompt=rendered), visit, node, messages, model.content)


def _asked(
    draft: Outcome, visit: Visit, node: LlmCall, messages: Sequence[Mapping[str, str]], model: ModelContent
) -> Outcome:
    question = Question(model.model, messages, parameters_of(model, node), node.output_schema)
    # Asked for first: once the model has answered, nothing may come between the answer and its checkpoint.
    price = price_at(visit.held.organisation, model.provider, model.model, timezone.now())
    try:
        chosen = provider(model.provider)
        weights = _weights(chosen, model)
        key = idempotency_key(visit)
        answer = ask(chosen, question, idempotency_key=key)
    except ProviderError as problem:
        # Nothing is known to be billed of a call without an answer, so it does not make the run unpriced.
        failure = Failure(problem.code, problem.title, problem.detail, visit.name)
        return replace(draft, failure=failure, refused=_kept(problem.body), priced=True)
    counted = replace(
        draft, facts={**_where(chosen), **weights, **_reported(answer, model)}, **_costed(price, answer)
    )
    return _answered(counted, visit, node, answer)


def _answered(counted: Outcome, visit: Visit, node: LlmCall, answer: Completion) -> Outcome:
    try:
        output = checked_answer(answer, _validator(node))
    except MalformedAnswer as problem:
        failure = Failure(problem.code, problem.title, problem.detail, visit.name)
        return replace(counted, failure=failure, refused=[Content(answer.text.encode(), TEXT)])
    return replace(counted, output=output)


def parameters_of(model: ModelContent, node: LlmCall) -> dict[str, float | int]:
    """The sampling parameters of the call: the pinned ones, but the node's own limit of tokens."""
    pinned = model.parameters
    asked: dict[str, float | int] = {
        "temperature": float(pinned.temperature),
        "top_p": float(pinned.top_p),
        "frequency_penalty": float(pinned.frequency_penalty),
        "max_tokens": node.max_tokens or pinned.max_tokens,
    }
    if pinned.seed is not None:
        asked["seed"] = pinned.seed
    return asked


def idempotency_key(visit: Visit) -> str:
    """What the outside sees of this step, the same on every attempt; undoing it is another step."""
    return hashlib.sha256(f"{visit.held.run}:{visit.name}:{visit.position}".encode()).hexdigest()


def _where(chosen: Provider) -> dict[str, Any]:
    """The provider at this moment: the environment may give its name another address tomorrow."""
    return {"provider": chosen.name, "host": chosen.host, "on_this_machine": is_loopback(chosen.host)}


def _weights(chosen: Provider, model: ModelContent) -> dict[str, Any]:
    verified = check_weights(chosen, model.weights_sha256)
    found: dict[str, Any] = {"weights_sha256": chosen.weights_sha256} if chosen.weights_sha256 else {}
    return found if verified is None else {**found, "weights_verified": verified}


def _reported(answer: Completion, model: ModelContent) -> dict[str, Any]:
    return {
        "finish_reason": answer.finish_reason,
        "asked_model": model.model,
        "reported_model": answer.reported_model,
        "model_mismatch": answer.reported_model != model.model,
        "response_id": answer.response_id,
    }


def _costed(price: Price | None, answer: Completion) -> dict[str, Any]:
    counts: dict[str, Any] = {"tokens_in": answer.tokens_in, "tokens_out": answer.tokens_out}
    if price is None or answer.tokens_in is None or answer.tokens_out is None:
        return {**counts, "priced": False}
    return {**counts, "cost": cost(price, answer.tokens_in, answer.tokens_out), "priced": True}


def _validator(node: LlmCall) -> Draft202012Validator | None:
    return None if node.output_schema is None else Draft202012Validator(node.output_schema)


def _kept(body: bytes) -> list[Content]:
    """What came back instead of an answer, as octets: nobody knows what it is."""
    return [Content(body[:LARGEST_REFUSED], OCTETS)] if body else []
