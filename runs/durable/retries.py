"""Whether and when a failed attempt is repeated. Pure but for the jitter."""

import random

from governance.catalog.parts import Retry
from runs.durable.outcomes import Outcome

# Without a policy of its own, a call is tried once.
ONCE = Retry(attempts=1)
LONGEST_RETRY_AFTER = 3600.0
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0


def delay_before_next(policy: Retry | None, *, attempt: int, outcome: Outcome) -> float | None:
    """Seconds until the next attempt; None when there is none.

    Full jitter (uniform between nothing and the capped exponential delay), after M. Brooker, "Exponential
    Backoff and Jitter". What the other side asked for (`Retry-After`) wins, up to an hour.
    """
    chosen = policy or ONCE
    failure = outcome.failure
    if failure is None or outcome.final or attempt >= chosen.attempts or failure.code in chosen.never:
        return None
    if outcome.retry_after is not None:
        return min(max(outcome.retry_after, 0.0), LONGEST_RETRY_AFTER)
    return random.uniform(0, _longest(chosen, attempt))  # noqa: S311 - jitter


def pause_for(policy: Retry | None, *, attempt: int, asked: float | None) -> float:
    """For how many seconds nobody asks a side that has said it is asked too often: as long as it asked for.

    Where it did not say how long, as long as the next attempt may be put off, within bounds.
    """
    if asked is not None:
        return asked
    return min(max(_longest(policy or ONCE, attempt), SHORTEST_PAUSE), LONGEST_PAUSE)


def _longest(policy: Retry, attempt: int) -> float:
    grown: int = policy.first_delay_ms * policy.factor ** min(attempt - 1, 60)
    return min(policy.cap_ms, grown) / 1000
