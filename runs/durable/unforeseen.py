"""What is recorded when an executor, or the engine, makes a mistake that nobody foresaw."""

from runs.records.failure import Failure


def unforeseen(mistake: Exception, node: str) -> Failure:
    """The failure of the step; the details are in the worker's log."""
    return Failure(
        "engine_error",
        "An unforeseen error stopped the run",
        f"{type(mistake).__name__}. The worker's log has the details under this run's identifier.",
        node=node,
    )
