"""What can go wrong between us and a model, in plain words. `code` is what the run's error is called."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runs.providers.completion import Completion

# Of the statuses below 500, those after which the same request may be answered.
MAY_PASS = frozenset({408, 425, 429})
# The provider is well and refuses this very request: whoever else were asked would be asked to do the same.
ABOUT_THE_REQUEST = frozenset({400, 409, 413, 414, 422})
FIRST_OF_THE_SERVER = 500
NOT_BEGUN = frozenset({501, 503, 505})
TOO_MANY = 429


def would_refuse_again(status: int) -> bool:
    """Whether the same request would get the same refusal, however often it were repeated."""
    return status < FIRST_OF_THE_SERVER and status not in MAY_PASS


# After these a model may have answered: what that cost, nobody has told.
COST_UNTOLD = frozenset({"model_broke_off", "model_too_slow", "timed_out", "outcome_unknown"})


def may_have_begun(status: int) -> bool:
    """Whether a request that was refused with this may have taken effect: some server had it."""
    return status >= FIRST_OF_THE_SERVER and status not in NOT_BEGUN


class ProviderError(Exception):
    """A call that gave no usable answer; `body` holds what came back instead, where something did.

    `final`: asking the same again gives the same. `provider_failed`: another provider may be well.
    """

    code = "provider_error"
    title = "The model could not be asked"
    final = False
    provider_failed = False
    retry_after: float | None = None

    def __init__(self, detail: str, *, body: bytes = b"") -> None:
        super().__init__(detail)
        self.detail = detail
        self.body = body


class ProviderUnknown(ProviderError):
    """The model version names a provider that this installation has no address for."""

    code = "provider_unknown"
    title = "The model's provider is not set up here"
    final = True
    provider_failed = True


class WeightsDiffer(ProviderError):
    """The pinned weights are not the ones that the provider serves."""

    code = "weights_differ"
    title = "The model's weights are not the released ones"
    final = True
    provider_failed = True


class ProviderNotOpen(ProviderError):
    """The provider is not open to the run's environment. Nobody else is asked instead: it was so decided."""

    code = "provider_not_open"
    title = "The model's provider is not open here"
    final = True


class ProviderUnreachable(ProviderError):
    """No connection, or it broke before anything was sent."""

    code = "model_unreachable"
    title = "The model server could not be reached"
    provider_failed = True


class ProviderBrokeOff(ProviderUnreachable):
    """The connection broke after the request had begun to be sent: the model may have had it, and be paid."""

    code = "model_broke_off"
    title = "The model server broke off before it had answered"


class ProviderTooSlow(ProviderError):
    """No complete answer within the time allowed."""

    code = "model_too_slow"
    title = "The model did not answer in time"
    provider_failed = True


class TimedOut(ProviderTooSlow):
    """The step's own time was over before the model had answered."""

    code = "timed_out"
    title = "The step did not end in its time"


class ProviderRefused(ProviderError):
    """The provider answered with an error status."""

    code = "model_refused"
    title = "The model server refused the request"

    def __init__(
        self, detail: str, *, status: int, retry_after: float | None = None, body: bytes = b""
    ) -> None:
        super().__init__(detail, body=body)
        self.status = status
        self.retry_after = retry_after
        self.final = would_refuse_again(status)
        self.provider_failed = status not in ABOUT_THE_REQUEST


class ProviderClosed(ProviderError):
    """The provider asked not to be asked for a while, and the while is not over."""

    code = "provider_closed"
    title = "The model's provider asked not to be asked for now"
    provider_failed = True


class AnswerTooLarge(ProviderError):
    """The answer was longer than is accepted and was not read to its end."""

    code = "answer_too_large"
    title = "The model's answer is too large"


class NotAskedAgain(ProviderError):
    """The model has answered, and before it could be asked once more the database was away, or refused."""

    code = "not_asked_again"
    title = "The answer could not be handed back to the model"


class MalformedAnswer(ProviderError):
    """The answer is not what the protocol, or the step, asks for.

    `answer` is what the server reported of it besides, the tokens that it bills among that, where it did.
    """

    code = "malformed_answer"
    title = "The model's answer is not of the right form"
    answer: "Completion | None" = None
