"""Registered functions: what a workflow's function node may call, by name and version."""

import hashlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from governance.catalog.functions import Announcement, announce

Body = Callable[..., Any]
# What a keyed function is given besides what it takes.
KEY = "idempotency_key"


@dataclass(frozen=True)
class StepFunction:
    """A function that a step may call, with the SHA-256 of the source file that holds it.

    One that is `keyed` is told the step's idempotency key.
    """

    reference: str
    takes: frozenset[str]
    body: Body
    source_sha256: str
    computes: bool = False
    keyed: bool = False


_registered: dict[str, StepFunction] = {}


def step_function(
    name: str, *, version: int, takes: set[str], computes: bool = False, keyed: bool = False
) -> Callable[[Body], Body]:
    """Register the decorated function as `name@version`; it is called with exactly the keywords in `takes`.

    It gets plain values (text, or what JSON holds) and returns what JSON can hold, without fractions. It
    must be a pure function of them that lies whole in one source file: the file's digest is part of every
    release that names it. One that `computes` for long is executed by the workers for that.

    One that changes something outside is `keyed`: it gets the keyword `idempotency_key` as well, 64
    hexadecimal digits that are the same on every attempt at the step, also after its worker was killed, and
    others for every other step, run and undoing. Whoever is asked with it can tell a repeated request from a
    new one; a node that calls such a function says `effect: idempotent` only if they do.
    One that is not keyed may be idempotent by what it does.

    Raises `ValueError` when another function has this name and version, or a keyed one takes the key itself.
    """
    if keyed and KEY in takes:
        raise ValueError(f"{name}@{version} is given “{KEY}” by the engine: it says keyed=True instead")

    def register(body: Body) -> Body:
        reference = f"{name}@{version}"
        known = _registered.get(reference)
        found = StepFunction(reference, frozenset(takes), body, source_digest(body), computes, keyed)
        if known is not None and known.source_sha256 != found.source_sha256:
            raise ValueError(f"two functions are called {reference}")
        _registered[reference] = found
        announce(
            Announcement(
                reference=reference,
                takes=found.takes,
                summary=(inspect.getdoc(body) or "").split("\n")[0],
                source_sha256=found.source_sha256,
            )
        )
        return body

    return register


def registered(reference: str) -> StepFunction | None:
    """The function of this reference, if this process can run it."""
    return _registered.get(reference)


def all_registered() -> list[StepFunction]:
    """Every function that this process can run, by reference."""
    return sorted(_registered.values(), key=lambda known: known.reference)


def source_digest(body: Body) -> str:
    """The SHA-256 of the source file that holds the function."""
    file = inspect.getsourcefile(body)
    if file is None:
        raise ValueError(f"{body.__name__} has no source file")
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()
