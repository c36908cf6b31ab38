"""How much is measured: the full plan, and a quick one that only shows that everything can be measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Sizes of one benchmark."""

    rounds: int = 3
    seconds: float = 6.0  # of load in each block
    single: int = 80  # runs one at a time, for the latency
    workers: int = 1  # as the product starts them
    at_once: int = 8  # calls at once of a peer: its best mode on two processors
    lease: float = 2.0
    backlog: int = 400
    kills: int = 3
    idle_seconds: float = 12.0
    # A server process reports its counters once a second, and the rest when it has been idle for ten.
    patience: float = 10.5
    history: int = 1_000_000
    growth_seconds: float = 45.0  # of load, once after a checkpoint and once more
    map_items: int = 10_000


QUICK = Plan(
    rounds=1,
    seconds=1.0,
    single=10,
    lease=1.0,
    backlog=40,
    kills=1,
    idle_seconds=3.0,
    patience=1.5,
    history=500,
    growth_seconds=1.0,
    map_items=200,
)
