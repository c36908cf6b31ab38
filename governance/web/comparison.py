"""Two versions of an asset compared, in the parts that a reviewer reads: texts, values by name, graphs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from typing import Any

from governance.catalog.content import parsed
from governance.catalog.models import Version
from governance.catalog.prompts import Message, PromptContent
from governance.catalog.workflows import PIN_FIELDS, WorkflowContent
from governance.web.content_view import ContentView, content_view
from governance.web.differences import Budget, Difference, Row, compare, side_by_side
from governance.web.drawing import Drawing
from governance.web.graphs import node_changes, shape, workflow_drawing
from governance.web.keys import MOST_KEYS, KeyChange, key_changes
from governance.web.node_words import lasting


@dataclass(frozen=True)
class TextPart:
    """A text that people wrote, compared line by line."""

    title: str
    difference: Difference

    @property
    def changed(self) -> bool:
        """Whether it differs."""
        return self.difference.changed

    @cached_property
    def pairs(self) -> list[tuple[Row | None, Row | None]]:
        """The rows side by side."""
        return side_by_side(self.difference)


@dataclass(frozen=True)
class KeyPart:
    """Names and values, compared one by one; `hidden` counts those beyond what a page can hold."""

    title: str
    changes: list[KeyChange]
    hidden: int = 0

    @property
    def changed(self) -> bool:
        """Whether any differs."""
        return bool(self.changes)


@dataclass(frozen=True)
class Comparison:
    """What differs between two versions; without an old one, `view` is the new one as it stands."""

    old: Version | None
    new: Version
    texts: list[TextPart] = field(default_factory=list)
    keys: list[KeyPart] = field(default_factory=list)
    before: Drawing | None = None
    after: Drawing | None = None
    view: ContentView | None = None

    @property
    def changed(self) -> bool:
        """Whether the contents differ."""
        return self.old is None or self.old.digest != self.new.digest

    @property
    def summary(self) -> str:
        """How much differs, in a few words."""
        if self.old is None:
            return "new"
        added = sum(part.difference.added for part in self.texts)
        removed = sum(part.difference.removed for part in self.texts)
        lines = [f"+{added} \N{MINUS SIGN}{removed} lines"] if added or removed else []
        values = sum(len(part.changes) + part.hidden for part in self.keys)
        named = [f"{values} value{'' if values == 1 else 's'}"] if values else []
        return ", ".join([*lines, *named]) or "no difference"


def compared(old: Version | None, new: Version) -> Comparison:
    """The comparison of two versions of the same asset; both need their asset loaded."""
    if old is None:
        return Comparison(None, new, view=content_view(new))
    match parsed(old), parsed(new):
        case PromptContent() as before, PromptContent() as after:
            return _prompts(old, new, before, after)
        case WorkflowContent() as before, WorkflowContent() as after:
            return _workflows(old, new, before, after)
        case before, after:
            keys = _keys(
                "Model and parameters", before.model_dump(mode="json"), after.model_dump(mode="json")
            )
            return Comparison(old, new, keys=[keys])


def _prompts(old: Version, new: Version, before: PromptContent, after: PromptContent) -> Comparison:
    several = len({message.role for message in after.messages}) < len(after.messages)
    budget = Budget()
    texts = [
        TextPart(_title(was, now, number if several else 0), compare(_said(was), _said(now), budget))
        for number, (was, now) in enumerate(zip_longest(before.messages, after.messages), start=1)
    ]
    return Comparison(old, new, texts=texts, keys=[_keys("Variables", _variables(before), _variables(after))])


def _said(message: Message | None) -> str:
    return message.content if message else ""


def _title(was: Message | None, now: Message | None, number: int) -> str:
    """“System message”, “User → System message 2”: the roles, and the number where a role speaks twice."""
    roles = dict.fromkeys(message.role.capitalize() for message in (was, now) if message is not None)
    return f"{' → '.join(roles)} message{f' {number}' if number else ''}"


def _variables(content: PromptContent) -> dict[str, Any]:
    return {
        variable.name: {
            "description": variable.description,
            "at most": f"{variable.max_characters:,} characters",
        }
        for variable in content.variables
    }


def _workflows(old: Version, new: Version, before: WorkflowContent, after: WorkflowContent) -> Comparison:
    keys = [
        _keys("Inputs", _inputs(before), _inputs(after)),
        _keys("Nodes", _nodes(before), _nodes(after)),
        _keys("Start and output", _ends(before), _ends(after)),
    ]
    changes = node_changes(before, after)
    redrawn = shape(before) != shape(after)  # one drawing is enough where only what the nodes hold differs
    return Comparison(
        old,
        new,
        keys=keys,
        before=workflow_drawing(before, changes=changes) if redrawn else None,
        after=workflow_drawing(after, changes=changes) if changes else None,
    )


def _inputs(content: WorkflowContent) -> dict[str, Any]:
    return {declared.name: declared.model_dump(mode="json", exclude={"name"}) for declared in content.inputs}


def _nodes(content: WorkflowContent) -> dict[str, Any]:
    """The nodes by their keys, so that moving one in the list is no change; pins in one line each."""
    return {node.key: _named(node.model_dump(mode="json", exclude_none=True)) for node in content.nodes}


def _named(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of a node, or of a call within it, without its key and with its pins in words."""
    found = {name: value for name, value in facts.items() if name != "key"}
    for name in PIN_FIELDS.keys() & found.keys():
        pin = found[name]
        found[name] = f"{pin['asset']} v{pin['number']} ({pin['digest'][:12]}…)"
    if "each" in found:
        found["each"] = _named(found["each"])
    return found


def _ends(content: WorkflowContent) -> dict[str, Any]:
    ends = {"start": content.start, "output": content.output}
    if content.on_failure != "undo":
        ends["on_failure"] = content.on_failure
    return {**ends, "deadline": lasting(content.deadline_s)} if content.deadline_s else ends


def _keys(title: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> KeyPart:
    changes = key_changes(old, new)
    return KeyPart(title, changes[:MOST_KEYS], hidden=max(0, len(changes) - MOST_KEYS))
