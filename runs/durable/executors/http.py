"""The `http` node: calling an endpoint that the environment names."""

from dataclasses import replace
from typing import cast

from governance.catalog.calls import HttpCall, effect_of
from governance.errors import Invalid
from governance.releases.models import Opening
from runs.artifacts.store import JSON, OCTETS, TEXT, Content, checked
from runs.durable.failures import StepFailed
from runs.durable.keys import idempotency_key
from runs.durable.openings import why_not_sent
from runs.durable.outcomes import Outcome
from runs.durable.requests import request_of
from runs.durable.retries import pause_for
from runs.durable.room import close_for
from runs.durable.visits import Visit, classification_of
from runs.providers.endpoints import Endpoint, endpoint, known_endpoints
from runs.providers.errors import TOO_MANY, may_have_begun, would_refuse_again
from runs.providers.models import Limit
from runs.providers.wire import Answer, NoAnswer, TooLarge, TooSlow, exchange
from runs.records.failure import Failure

LARGEST_ANSWER = 4_000_000
LARGEST_OUTPUT = 1_000_000
LARGEST_REFUSED = 200_000


def call_endpoint(visit: Visit) -> Outcome:
    """Send one request; the answer's JSON or text is the output. Raises `StepFailed` when nothing was sent.

    An unsafe call of which nobody knows whether it took effect fails as `outcome_unknown`.
    """
    call = cast(HttpCall, visit.call)
    at = _endpoint(visit, call.endpoint)
    values = {found.name: found.value for found in visit.inputs}
    request = request_of(call, values, at, key=idempotency_key(visit))
    seconds = min(at.timeout_seconds, call.timeout_s or at.timeout_seconds)
    try:
        answer = exchange(request, seconds=seconds, largest=LARGEST_ANSWER)
    except NoAnswer as problem:
        return _decided(
            _draft(visit, call, at), visit, _unanswered(problem, at, seconds), unknown=problem.sent
        )
    answer = replace(answer, body=at.without_secrets(answer.body))
    draft = _draft(visit, call, at, answer.status)
    if not 200 <= answer.status < 300:  # noqa: PLR2004 - the range that means success
        return _refused(draft, visit, at, answer)
    try:
        return replace(draft, output=_content(answer))
    except Invalid as problem:
        failure = Failure("answer_refused", "The endpoint's answer cannot be recorded", problem.message)
        return _decided(replace(draft, refused=_kept(answer), final=True), visit, failure, unknown=True)


def _endpoint(visit: Visit, name: str) -> Endpoint:
    """Where to, as of now: whether it is open to the run's environment is asked before each request."""
    if shut := why_not_sent(visit, Opening.Kind.ENDPOINT, name):
        raise StepFailed("endpoint_not_open", "The HTTP endpoint is not open here", shut, final=True)
    found = endpoint(name)
    if found is None:
        listed = ", ".join(known_endpoints()) or "none"
        detail = f"There is no endpoint called “{name}” here (known: {listed}): name it in HTTP_ENDPOINTS."
        raise StepFailed("endpoint_unknown", "The HTTP endpoint is not set up here", detail, final=True)
    return found


def _draft(visit: Visit, call: HttpCall, at: Endpoint, status: int | None = None) -> Outcome:
    facts = {"endpoint": at.name, "host": at.host, "method": call.method}
    return Outcome(
        kind="http",
        inputs=visit.inputs,
        classification=classification_of(visit),
        labels={"endpoint": at.name, "method": call.method},
        facts=facts if status is None else {**facts, "status": status},
    )


def _refused(draft: Outcome, visit: Visit, at: Endpoint, answer: Answer) -> Outcome:
    failure = Failure(
        "endpoint_refused",
        "The endpoint refused the request",
        f"“{at.name}” answered with status {answer.status}. What it said is kept with the attempt.",
    )
    if answer.status == TOO_MANY:
        policy = visit.call.retry if visit.call else None
        seconds = pause_for(policy, attempt=visit.attempt, asked=answer.retry_after)
        close_for(visit.held.organisation, Limit.Kind.ENDPOINT, at.name, seconds=seconds)
    told = replace(
        draft,
        refused=_kept(answer),
        final=would_refuse_again(answer.status),
        retry_after=answer.retry_after,
    )
    return _decided(told, visit, failure, unknown=may_have_begun(answer.status))


def _decided(draft: Outcome, visit: Visit, failure: Failure, *, unknown: bool) -> Outcome:
    """The failed attempt; of an unsafe call nobody may pretend to know what became of it."""
    if unknown and visit.call is not None and effect_of(visit.call) == "unsafe":
        failure = Failure(
            "outcome_unknown",
            "Nobody knows whether the request took effect",
            f"{failure.title}. {failure.detail} Look there whether it took effect, then record it here.",
        )
    return replace(draft, failure=replace(failure, node=visit.name))


def _unanswered(problem: NoAnswer, at: Endpoint, seconds: float) -> Failure:
    if isinstance(problem, TooLarge):
        detail = f"“{at.name}” sent more than {LARGEST_ANSWER:,} bytes; reading stopped there."
        return Failure("answer_too_large", "The endpoint's answer is too large", detail)
    if isinstance(problem, TooSlow) and problem.sent:
        detail = f"“{at.name}” gave no complete answer within {seconds:g} seconds."
        return Failure("timed_out", "The endpoint did not answer in time", detail)
    if problem.sent:
        detail = f"The connection to “{at.name}” broke ({problem.reason}). It may have received the request."
        return Failure("endpoint_broke_off", "The endpoint broke off before it had answered", detail)
    detail = f"“{at.name}” could not be reached ({problem.reason})."
    return Failure("endpoint_unreachable", "The endpoint could not be reached", detail)


def _content(answer: Answer) -> Content:
    """The answer's exact bytes as the output; none at all is null. Raises `Invalid` for what is neither."""
    what = "The answer"
    if "content-encoding" in answer.headers:
        raise Invalid(f"{what} is compressed, which was not asked for.")
    if not answer.body.strip():
        return Content(b"null", JSON)
    if answer.kind == JSON or answer.kind.endswith("+json"):
        return checked(answer.body, media_type=JSON, max_bytes=LARGEST_OUTPUT, what=what)
    if answer.kind.startswith("text/"):
        return checked(answer.body, media_type=TEXT, max_bytes=LARGEST_OUTPUT, what=what)
    raise Invalid(f"{what} is “{answer.kind or 'of no kind'}”, neither JSON nor text.")


def _kept(answer: Answer) -> list[Content]:
    """What came back instead of an answer, as octets: nobody knows what it is."""
    return [Content(answer.body[:LARGEST_REFUSED], OCTETS)] if answer.body else []
