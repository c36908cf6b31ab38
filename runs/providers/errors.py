"""What can go wrong between us and a model, in plain words. `code` is what the run's error is called."""


class ProviderError(Exception):
    """A call that gave no usable answer; `body` holds what came back instead, where something did."""

    code = "provider_error"
    title = "The model could not be asked"

    def __init__(self, detail: str, *, body: bytes = b"") -> None:
        super().__init__(detail)
        self.detail = detail
        self.body = body


class ProviderUnknown(ProviderError):
    """The model version names a provider that this installation has no address for."""

    code = "provider_unknown"
    title = "The model's provider is not set up here"


class WeightsDiffer(ProviderError):
    """The pinned weights are not the ones that the provider serves."""

    code = "weights_differ"
    title = "The model's weights are not the released ones"


class ProviderUnreachable(ProviderError):
    """No connection, or it broke before the answer was complete."""

    code = "model_unreachable"
    title = "The model server could not be reached"


class ProviderTooSlow(ProviderError):
    """No complete answer within the time allowed."""

    code = "model_too_slow"
    title = "The model did not answer in time"


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


class AnswerTooLarge(ProviderError):
    """The answer was longer than is accepted and was not read to its end."""

    code = "answer_too_large"
    title = "The model's answer is too large"


class MalformedAnswer(ProviderError):
    """The answer is not what the protocol, or the step, asks for."""

    code = "malformed_answer"
    title = "The model's answer is not of the right form"
