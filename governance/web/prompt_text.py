"""A prompt as people read it: its messages with each place marked, its variables with where they are used."""

from collections.abc import Iterator
from dataclasses import dataclass

from governance.catalog.prompts import PLACEHOLDER, PromptContent, Variable

LONGEST_SHOWN = 60_000


@dataclass(frozen=True)
class Stretch:
    """Some text of a message, or the name of a variable that stands there."""

    text: str
    variable: bool = False


@dataclass(frozen=True)
class Said:
    """One message, cut when it is too long for a page; `hidden` counts the characters that are not shown."""

    role: str
    stretches: tuple[Stretch, ...]
    characters: int
    hidden: int


def messages(content: PromptContent) -> list[Said]:
    """The messages in order."""
    return [
        Said(
            role=message.role,
            stretches=tuple(stretches(message.content[:LONGEST_SHOWN])),
            characters=len(message.content),
            hidden=max(0, len(message.content) - LONGEST_SHOWN),
        )
        for message in content.messages
    ]


def stretches(text: str) -> Iterator[Stretch]:
    """The text cut at its places."""
    at = 0
    for found in PLACEHOLDER.finditer(text):
        if found.start() > at:
            yield Stretch(text[at : found.start()])
        yield Stretch(found[1], variable=True)
        at = found.end()
    if at < len(text):
        yield Stretch(text[at:])


def variables(content: PromptContent) -> list[tuple[Variable, str]]:
    """Each declared variable with the roles of the messages that use it."""
    used: dict[str, list[str]] = {variable.name: [] for variable in content.variables}
    for message in content.messages:
        for name in dict.fromkeys(PLACEHOLDER.findall(message.content)):
            used.setdefault(name, []).append(message.role)
    return [(variable, ", ".join(dict.fromkeys(used[variable.name]))) for variable in content.variables]
