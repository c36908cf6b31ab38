"""A step function that does what the test says, and workflows made of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from runs.functions.registry import step_function

Act = Callable[[], object] | BaseException | None

# What was called, in order, and what each mark does at its next calls; then it does nothing special.
called: list[tuple[str, Any]] = []
_acts: dict[str, list[Act]] = {}


class Killed(BaseException):
    """The worker ends here: no handler of the engine may catch this."""


@step_function("scripted", version=1, takes={"text", "mark"})
def scripted(*, text: Any, mark: str) -> dict[str, Any]:
    """Note the call, do what the script says, and return what that answers, else what was given."""
    called.append((mark, text))
    act = _acts[mark].pop(0) if _acts.get(mark) else None
    if isinstance(act, BaseException):
        raise act
    said = text if act is None else act()
    return {"text": said if isinstance(said, str) else text, "mark": mark}


@contextmanager
def script(**acts: list[Act]) -> Iterator[list[tuple[str, Any]]]:
    """Within the block each mark does these things, one per call, or says a text; yields what is called."""
    called.clear()
    _acts.clear()
    _acts.update({mark: list(listed) for mark, listed in acts.items()})
    try:
        yield called
    finally:
        _acts.clear()


def marks() -> list[str]:
    """The marks that were called, in order."""
    return [mark for mark, _ in called]


def call(key: str, *, text: str = "$letter", mark: str = "", **more: Any) -> dict[str, Any]:
    """A node that calls the scripted function."""
    return {"kind": "function", "key": key, **calling(mark or key, text=text), **more}


def calling(mark: str, *, text: str = "$letter", **more: Any) -> dict[str, Any]:
    """The call alone, as a map or a compensation has it."""
    read = {"inputs": {"text": text}, "settings": {"mark": mark}}
    return {"kind": "function", "function": "scripted@1", **read, **more}


def undoable(key: str, **more: Any) -> dict[str, Any]:
    """A node with an effect that is undone by a call marked `undo_` and its key."""
    return call(key, effect="idempotent", compensate=calling(f"undo_{key}"), **more)


def graph(
    *nodes: dict[str, Any], output: str = "", media_type: str = "text/plain", **more: Any
) -> dict[str, Any]:
    """A workflow of these nodes, one after another where they do not say otherwise."""
    linked = []
    for index, node in enumerate(nodes):
        following = {"next": nodes[index + 1]["key"]} if index + 1 < len(nodes) else {}
        linked.append({**(following if node["kind"] != "branch" else {}), **node})
    letter = {"name": "letter", "classification": "internal", "media_type": media_type, "max_bytes": 200_000}
    return {
        "inputs": [letter],
        "nodes": linked,
        "start": nodes[0]["key"],
        "output": output or nodes[-1]["key"],
        **more,
    }
