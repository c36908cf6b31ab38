"""Failed attempts that are repeated: when, how often, and what is never repeated."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from governance.catalog.parts import Retry
from governance.ledger.models import Event
from runs.durable.outcomes import Outcome
from runs.durable.resume import resume_run
from runs.durable.retries import LONGEST_RETRY_AFTER, delay_before_next
from runs.durable.sweep import sweep
from runs.durable.why import why_not_moving
from runs.records.failure import Failure
from runs.records.models import Run
from tests.durable.scripts import call, graph, marks, script
from tests.durable.turning import again, lapse, settle, work
from tests.factories.cast import Company
from tests.factories.runs import begin, finish, released

FAILED = Outcome(kind="http", failure=Failure("busy", "It is busy"))
POLICIES = st.builds(
    Retry,
    attempts=st.integers(2, 100),
    first_delay_ms=st.integers(0, 3_600_000),
    factor=st.integers(1, 10),
    cap_ms=st.integers(0, 86_400_000),
)


@given(policy=POLICIES, attempt=st.integers(1, 99))
def test_the_delay_lies_between_nothing_and_the_capped_growing_delay(policy: Retry, attempt: int) -> None:
    delay = delay_before_next(policy, attempt=attempt, outcome=FAILED)

    if attempt >= policy.attempts:
        assert delay is None
    else:
        assert delay is not None
        grown = policy.first_delay_ms * policy.factor ** (attempt - 1)
        assert 0 <= delay <= min(policy.cap_ms, grown) / 1000


def test_the_whole_width_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Full jitter: with half of it, callers that failed together would come back together."""
    asked: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        asked.append((low, high))
        return low

    monkeypatch.setattr(random, "uniform", uniform)
    policy = Retry(attempts=9, first_delay_ms=100, factor=3, cap_ms=2_000)

    for attempt in range(1, 6):
        delay_before_next(policy, attempt=attempt, outcome=FAILED)

    assert asked == [(0, 0.1), (0, 0.3), (0, 0.9), (0, 2.0), (0, 2.0)]


@given(policy=POLICIES, seconds=st.floats(-10, 1e9))
def test_what_the_other_side_asks_for_wins(policy: Retry, seconds: float) -> None:
    asked = replace(FAILED, retry_after=seconds)

    delay = delay_before_next(policy, attempt=1, outcome=asked)

    assert delay == min(max(seconds, 0), LONGEST_RETRY_AFTER)


@pytest.mark.parametrize(
    ("policy", "outcome"),
    [
        (None, FAILED),
        (Retry(attempts=1), FAILED),
        (Retry(attempts=9), replace(FAILED, final=True)),
        (Retry(attempts=9, never=("busy",)), FAILED),
        (Retry(attempts=9, never=("busy",)), replace(FAILED, retry_after=1.0)),
    ],
    ids=["no policy", "one attempt", "final", "never", "never, though asked to come again"],
)
def test_some_failures_are_never_repeated(policy: Retry | None, outcome: Outcome) -> None:
    assert delay_before_next(policy, attempt=1, outcome=outcome) is None


@pytest.fixture
def run(northwind: Company) -> Run:
    """A run whose second step is tried three times, a minute apart at most."""
    policy = {"attempts": 3, "first_delay_ms": 60_000, "factor": 1, "never": ["output_refused"]}
    content = graph(call("a"), call("b", retry=policy), call("c"))
    return begin(northwind, released(northwind, content))


def test_a_failed_attempt_is_told_and_the_next_one_waits_without_a_worker(run: Run) -> None:
    began = timezone.now()
    with script(b=[RuntimeError("no line")]):
        waiting = finish(run)

        assert (waiting.state, waiting.waits_for, waiting.attempt) == ("waiting", "retry", 2)
        assert (waiting.lease_owner, waiting.lease_until, waiting.finished_at) == ("", None, None)
        assert waiting.wake_at is not None
        assert began <= waiting.wake_at <= timezone.now() + timedelta(minutes=1)
        assert work() == 0, "nobody takes it before its time"
        [event] = Event.objects.of_run(run.pk).filter(kind="run.waited")
        assert (event.details["for"], event.details["attempt"], event.details["code"]) == (
            "retry", 2, "function_failed",
        )  # fmt: skip
        assert "Attempt 2 follows at" in why_not_moving(waiting)

        lapse(run)
        assert sweep().woken == 1
        assert again(run).state == "ready"
        assert sweep().woken == 0
        assert work() == 1

    done = again(run)
    assert (done.state, done.error, done.wake_at, done.waits_for) == ("succeeded", None, None, "")
    tried = done.steps.filter(node="b").order_by("attempt").values_list("attempt", "state")
    assert list(tried) == [(1, "failed"), (2, "succeeded")]
    assert marks() == ["a", "b", "b", "c"]


def test_attempts_come_to_an_end(run: Run, northwind: Company) -> None:
    with script(b=[RuntimeError(f"try {n}") for n in range(1, 7)]):
        stopped = settle(run)

        assert (stopped.state, stopped.attempt) == ("failed", 3)
        assert stopped.error is not None
        assert "try 3" in stopped.error.detail
        assert marks() == ["a", "b", "b", "b"]
        resume_run(stopped, actor=northwind.operator, reason="It is mended.")
        assert again(run).attempt == 4
        assert settle(run).state == "failed", "an operator gives it as many attempts again, and no more"

    assert list(run.steps.filter(node="b").values_list("attempt", flat=True)) == [1, 2, 3, 4, 5, 6]


def test_a_failure_that_is_named_is_not_repeated(northwind: Company) -> None:
    policy = {"attempts": 9, "never": ["function_failed"]}
    run = begin(northwind, released(northwind, graph(call("a", retry=policy))))

    with script(a=[RuntimeError("x")]):
        stopped = finish(run)

    assert (stopped.state, stopped.steps.count()) == ("failed", 1)


def test_who_resumes_a_run_gives_its_step_the_whole_number_of_attempts_anew(
    run: Run, northwind: Company
) -> None:
    boom = RuntimeError("no line")
    with script(b=[boom] * 5):
        assert (settle(run).state, marks().count("b")) == ("failed", 3)

        resume_run(again(run), actor=northwind.operator, reason="It is mended.")

        assert (settle(run).state, marks().count("b")) == ("succeeded", 6)
