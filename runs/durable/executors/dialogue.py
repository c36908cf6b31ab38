"""What one attempt at an `llm` node said to models and heard of them, and the outcome that it amounts to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, TypeVar

from governance.ledger.canonical import canonical
from runs.artifacts.store import JSON, OCTETS, TEXT, Content
from runs.costs.models import Price
from runs.costs.prices import cost
from runs.durable.outcomes import Outcome
from runs.durable.plans import PinnedModel
from runs.providers.completion import Completion
from runs.providers.errors import MalformedAnswer, ProviderError
from runs.records.failure import Failure

Number = TypeVar("Number", int, Decimal)
Messages = list[Mapping[str, str]]
LARGEST_REFUSED = 200_000
LONGEST_HANDED_BACK = 20_000
LONGEST_REASON = 300


@dataclass(frozen=True)
class Reply:
    """A model's answer, where it came from, and the price of its moment."""

    model: PinnedModel
    answer: Completion
    where: Mapping[str, Any]
    price: Price | None

    def facts(self) -> dict[str, Any]:
        """What is recorded of the answer that counts."""
        asked, answer = self.model.content.model, self.answer
        return {
            **self.where,
            "finish_reason": answer.finish_reason,
            "asked_model": asked,
            "reported_model": answer.reported_model,
            "model_mismatch": answer.reported_model != asked,
            "response_id": answer.response_id,
        }

    def cost(self) -> Decimal | None:
        """What it cost; None when there is no price, or the server counted no tokens."""
        counts = (self.answer.tokens_in, self.answer.tokens_out)
        if self.price is None or counts[0] is None or counts[1] is None:
            return None
        return cost(self.price, counts[0], counts[1])


@dataclass
class Dialogue:
    """The messages so far, each prompt that was sent, each answer that came, and why answers were refused."""

    draft: Outcome
    node: str
    messages: Messages
    prompts: list[Content] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    refusals: list[MalformedAnswer] = field(default_factory=list)
    instead_of: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The first prompt is kept even when nobody answers it."""
        self._keep_prompt()

    def refuse(self, problem: MalformedAnswer) -> None:
        """The last answer does not fit."""
        self.refusals.append(problem)

    def hand_back(self) -> None:
        """Put the refused answer and what is wrong with it before the model."""
        said = self.replies[-1].answer.text[:LONGEST_HANDED_BACK]
        wrong = f"This answer was refused. {self.refusals[-1].detail}"
        again = f"{wrong} Answer again with nothing but JSON that fits the schema."
        self.messages = [
            *self.messages,
            {"role": "assistant", "content": said},
            {"role": "user", "content": again},
        ]
        self._keep_prompt()

    def answered(self, output: Content) -> Outcome:
        """The step succeeded with this output."""
        return replace(self._told(), output=output)

    def failed(self, problem: ProviderError, code: str = "", title: str = "") -> Outcome:
        """The attempt failed by this; what had been answered before is told, and paid for, all the same."""
        failure = Failure(code or problem.code, title or problem.title, problem.detail, self.node)
        told = self._told()
        instead = [Content(problem.body[:LARGEST_REFUSED], OCTETS)] if problem.body else []
        return replace(
            told,
            failure=failure,
            final=problem.final,
            retry_after=problem.retry_after,
            refused=[*told.refused, *instead],
        )

    def _keep_prompt(self) -> None:
        self.prompts.append(Content(canonical(self.messages), JSON, searched=False))

    def _told(self) -> Outcome:
        costs = [reply.cost() for reply in self.replies]
        refused = self.replies[: len(self.refusals)]
        last = self.replies[-1] if self.replies else None
        told = replace(
            self.draft,
            prompts=self.prompts,
            refused=[Content(reply.answer.text.encode(), TEXT) for reply in refused],
            facts={**(last.facts() if last else {}), **self._besides()},
            tokens_in=_sum([reply.answer.tokens_in for reply in self.replies]),
            tokens_out=_sum([reply.answer.tokens_out for reply in self.replies]),
            cost=_sum(costs),
            # Nothing is known to be billed of a call without an answer: it does not make the run unpriced.
            priced=None not in costs,
        )
        if last is None:
            return told
        labels = {**told.labels, "model": last.model.label}
        return replace(told, model_version=last.model.version, labels=labels)

    def _besides(self) -> dict[str, Any]:
        """How the answer was come by, where that took more than asking once."""
        found: dict[str, Any] = {"fallback": dict(self.instead_of)} if self.instead_of else {}
        if len(self.prompts) > 1:
            found["reasks"] = len(self.prompts) - 1
            found["refused"] = [_refusal(*pair) for pair in zip(self.replies, self.refusals, strict=False)]
        return found


def _refusal(reply: Reply, problem: MalformedAnswer) -> dict[str, Any]:
    answer = reply.answer
    return {
        "why": problem.detail[:LONGEST_REASON],
        "finish_reason": answer.finish_reason,
        "response_id": answer.response_id,
        "tokens_in": answer.tokens_in,
        "tokens_out": answer.tokens_out,
    }


def _sum(counts: Sequence[Number | None]) -> Number | None:
    """What is known together; None when nothing is."""
    known = [count for count in counts if count is not None]
    return sum(known[1:], start=known[0]) if known else None
