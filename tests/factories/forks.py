"""Runs that are made from others."""

from typing import Any

from runs.records.models import Run
from runs.replay.fork import fork_run, replay_run


def fork_of(run: Run, **asked: Any) -> Run:
    """A new fork of the run."""
    fork, created = fork_run(run, **asked)
    assert created
    return fork


def replay_of(run: Run, **asked: Any) -> Run:
    """A new replay of the run."""
    replay, created = replay_run(run, **asked)
    assert created
    return replay
