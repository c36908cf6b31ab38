"""The `llm` node: rendering the pinned prompt and asking the pinned model, or its pinned fallback."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

from django.utils import timezone
from jsonschema import Draft202012Validator

from governance.catalog.calls import LlmCall, effect_of
from governance.catalog.model_versions import ModelContent
from governance.errors import Invalid
from governance.releases.models import Opening
from runs.artifacts.store import as_text
from runs.costs.models import Price
from runs.costs.prices import price_at
from runs.durable.attempts import Allowance
from runs.durable.executors.answers import checked_answer
from runs.durable.executors.dialogue import Dialogue, Messages, Reply
from runs.durable.keys import idempotency_key
from runs.durable.openings import why_not_sent
from runs.durable.outcomes import Outcome, Wait
from runs.durable.patience import patiently
from runs.durable.plans import PinnedModel
from runs.durable.retries import delay_before_next, pause_for
from runs.durable.room import asks_for_itself, close_for, room_at
from runs.durable.statements import DATABASE_ERRORS
from runs.durable.visits import Visit, classification_of
from runs.providers.chat import Question, ask
from runs.providers.clients import is_loopback
from runs.providers.errors import (
    TOO_MANY,
    MalformedAnswer,
    NotAskedAgain,
    ProviderClosed,
    ProviderError,
    ProviderNotOpen,
    ProviderRefused,
    ProviderTooSlow,
    ProviderUnreachable,
    TimedOut,
)
from runs.providers.models import Limit
from runs.providers.registry import Provider, check_weights, provider
from runs.records.failure import Failure


@dataclass(frozen=True)
class _Found:
    """Whom to ask, where that is, and at what price: looked up before, so that nothing follows an answer."""

    provider: Provider
    where: dict[str, Any]
    price: Price | None


class _NoRoom(Exception):
    """A provider has none; the whole attempt is made later."""

    def __init__(self, wait: Wait) -> None:
        self.wait = wait


def ask_model(visit: Visit) -> Outcome | Wait:
    """Ask, and hand an answer that does not fit back to the model as often as the node allows.

    When the provider fails for good, which is with the last attempt or at once where another attempt would
    fail alike, the fallback is asked in the same attempt, if the release pins one. An answer of the wrong
    form is no reason to ask another model. The outcome tells every prompt, answer and cost.
    """
    node, model = cast(LlmCall, visit.call), visit.plan.models[visit.name]
    draft, allowance = _draft(visit, model), Allowance.of(visit)
    try:
        dialogue = Dialogue(draft, visit.name, rendered(visit))
    except Invalid as problem:
        refused = Failure("prompt_refused", "The prompt could not be rendered", problem.message, visit.name)
        return replace(draft, failure=refused, final=True)
    try:
        _ask_first(visit, node, dialogue, allowance)
        return _conversed(visit, node, dialogue, allowance)
    except _NoRoom as full:
        return full.wait
    except ProviderError as problem:
        return _failed(node, dialogue, problem)
    except DATABASE_ERRORS as problem:
        if not dialogue.replies:
            raise
        # What was answered is paid for: it is recorded and counted, whatever comes of the attempt.
        why = (
            f"The database was away, or refused ({type(problem).__name__}), before the model was asked again."
        )
        return _failed(node, dialogue, NotAskedAgain(why))


def _draft(visit: Visit, model: PinnedModel) -> Outcome:
    prompt = visit.plan.prompts[visit.name]
    return Outcome(
        kind="llm",
        inputs=visit.inputs,
        classification=classification_of(visit),
        prompt_version=prompt.version,
        model_version=model.version,
        labels={"prompt": prompt.label, "model": model.label},
    )


def rendered(visit: Visit) -> Messages:
    """The messages that are sent. Raises `Invalid`."""
    values = {found.name: as_text(found.value) for found in visit.inputs}
    return list(visit.plan.prompts[visit.name].content.render(values))


def _ask_first(visit: Visit, node: LlmCall, dialogue: Dialogue, allowance: Allowance) -> None:
    """The first answer, of the pinned model or of its fallback. Raises a `ProviderError`."""
    model, second = visit.plan.models[visit.name], visit.plan.fallbacks.get(visit.name)
    try:
        if asks_for_itself(visit):
            _find_room(visit, node, model, dialogue)
        found = _found(visit, model)
        dialogue.replies.append(
            _reply(visit, node, model, dialogue, allowance, found, idempotency_key(visit))
        )
    except ProviderError as problem:
        if second is None or allowance.used_up or not _fails_for_good(visit, node, dialogue, problem):
            raise
        if wait := room_at(visit, Limit.Kind.PROVIDER, second.content.provider):
            raise _NoRoom(wait) from problem
        dialogue.instead_of = {"of": model.label, "code": problem.code, "why": problem.detail[:300]}
        try:
            key = idempotency_key(visit, f"instead of {model.label}")
            other = _reply(visit, node, second, dialogue, allowance, _found(visit, second), key)
        except ProviderError as also:
            also.detail = f"{also.detail} Before it, {model.label} had failed: {problem.detail}"
            raise
        dialogue.replies.append(other)


def _find_room(visit: Visit, node: LlmCall, model: PinnedModel, dialogue: Dialogue) -> None:
    """Raises `_NoRoom`, or `ProviderClosed` where the fallback would be asked at once."""
    wait = room_at(visit, Limit.Kind.PROVIDER, model.content.provider)
    if wait is None:
        return
    shut = ProviderClosed(f"“{model.content.provider}” had answered 429, and the time for that is not over.")
    if wait.about["because"] == "closed" and _fails_for_good(visit, node, dialogue, shut):
        raise shut
    raise _NoRoom(wait)


def _fails_for_good(visit: Visit, node: LlmCall, dialogue: Dialogue, problem: ProviderError) -> bool:
    """Whether the provider, not the request, is at fault, and no other attempt at it follows."""
    if not problem.provider_failed or effect_of(node) == "unsafe":
        return False
    failed = dialogue.failed(problem)
    return delay_before_next(node.retry, attempt=visit.attempt, outcome=failed) is None


def _conversed(visit: Visit, node: LlmCall, dialogue: Dialogue, allowance: Allowance) -> Outcome:
    """From the first answer to one that fits, or to the last that is allowed. Raises a `ProviderError`."""
    validator = _validator(node)
    while True:
        reply = dialogue.replies[-1]
        try:
            return dialogue.answered(checked_answer(reply.answer, validator))
        except MalformedAnswer as problem:
            dialogue.refuse(problem)
            if len(dialogue.refusals) > node.reask:
                raise
        # What was answered is paid for, so the rest is asked now, and counted.
        found = patiently(partial(_found_again, visit, reply.model))
        dialogue.hand_back()
        key = idempotency_key(visit, dialogue.prompts[-1].sha256)
        dialogue.replies.append(_reply(visit, node, reply.model, dialogue, allowance, found, key))


def _found_again(visit: Visit, model: PinnedModel) -> _Found:
    """The same once more, for what is owed: its call is counted. Raises a `ProviderError`."""
    room_at(visit, Limit.Kind.PROVIDER, model.content.provider, owed=True)
    return _found(visit, model)


def _found(visit: Visit, model: PinnedModel) -> _Found:
    """Whom to ask. Raises a `ProviderError` for one that is not open, not there or not the released one."""
    content = model.content
    if shut := why_not_sent(visit, Opening.Kind.PROVIDER, content.provider):
        raise ProviderNotOpen(shut)
    price = price_at(visit.held.organisation, content.provider, content.model, timezone.now())
    chosen = provider(content.provider)
    return _Found(chosen, {**_where(chosen), **_weights(chosen, content)}, price)


def _reply(
    visit: Visit,
    node: LlmCall,
    model: PinnedModel,
    dialogue: Dialogue,
    allowance: Allowance,
    found: _Found,
    key: str,
) -> Reply:
    """Ask once, with this key. Raises a `ProviderError`."""
    content, chosen = model.content, found.provider
    question = Question(content.model, dialogue.messages, parameters_of(content, node), node.output_schema)
    try:
        answer = ask(chosen, question, idempotency_key=key, seconds=allowance.left)
    except ProviderRefused as problem:
        if problem.status == TOO_MANY:
            seconds = pause_for(node.retry, attempt=visit.attempt, asked=problem.retry_after)
            close_for(visit.held.organisation, Limit.Kind.PROVIDER, chosen.name, seconds=seconds)
        raise
    except MalformedAnswer as problem:
        if problem.answer is not None:
            dialogue.replies.append(Reply(model, problem.answer, found.where, found.price))
        raise
    except ProviderTooSlow as problem:
        if allowance.used_up:
            raise TimedOut(f"It had not ended after {allowance.seconds:g} seconds.") from problem
        raise
    return Reply(model, answer, found.where, found.price)


def _failed(node: LlmCall, dialogue: Dialogue, problem: ProviderError) -> Outcome:
    unanswered = isinstance(problem, ProviderTooSlow | ProviderUnreachable)
    if unanswered and effect_of(node) == "unsafe":
        return dialogue.failed(problem, "outcome_unknown", "Nobody knows whether the model was asked")
    return dialogue.failed(problem)


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


def _where(chosen: Provider) -> dict[str, Any]:
    """The provider at this moment: the environment may give its name another address tomorrow."""
    return {"provider": chosen.name, "host": chosen.host, "on_this_machine": is_loopback(chosen.host)}


def _weights(chosen: Provider, model: ModelContent) -> dict[str, Any]:
    verified = check_weights(chosen, model.weights_sha256)
    found: dict[str, Any] = {"weights_sha256": chosen.weights_sha256} if chosen.weights_sha256 else {}
    return found if verified is None else {**found, "weights_verified": verified}


def _validator(node: LlmCall) -> Draft202012Validator | None:
    return None if node.output_schema is None else Draft202012Validator(node.output_schema)
