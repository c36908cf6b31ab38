"""Unsafe attempts of which nobody knows what became: a person decides, the engine never repeats them."""

from runs.records.failure import Failure

# With these an attempt may have had its effect although it failed.
OUTCOME_UNKNOWN = frozenset({"timed_out", "outcome_unknown"})


def unknown(node: str) -> Failure:
    """An attempt was begun, and its worker stopped before it could record what became of it."""
    return Failure(
        "outcome_unknown",
        "Nobody knows whether the step took effect",
        "Its worker stopped after it had begun. Look there whether it took effect, then record it here.",
        node,
    )
