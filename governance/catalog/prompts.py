"""What a prompt version holds, and how it is rendered: named substitution only, never a template engine."""

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from governance.errors import Invalid

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")
LONGEST_MESSAGE = 200_000
LONGEST_RENDERED = 2_000_000


class Message(BaseModel):
    """One message of the conversation that is sent to the model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Literal["system", "user", "assistant"]
    content: str = Field(min_length=1, max_length=LONGEST_MESSAGE)


class Variable(BaseModel):
    """A declared place in the prompt."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    description: str = Field(default="", max_length=400)
    max_characters: int = Field(default=20_000, gt=0, le=LONGEST_MESSAGE)


class PromptContent(BaseModel):
    """The content of a prompt version: messages with `{name}` places, each declared once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["prompt"] = "prompt"
    messages: tuple[Message, ...] = Field(min_length=1, max_length=20)
    variables: tuple[Variable, ...] = Field(default=(), max_length=40)

    def placeholders(self) -> frozenset[str]:
        """The names that stand in the messages."""
        return frozenset(name for message in self.messages for name in PLACEHOLDER.findall(message.content))

    def check(self) -> None:
        """Raises `Invalid` when a place is not declared, a variable not used, or a name declared twice."""
        names = [variable.name for variable in self.variables]
        used = self.placeholders()
        if len(names) != len(set(names)):
            raise Invalid("A variable is declared twice.", fields={"variables": "Each name once."})
        if undeclared := sorted(used - set(names)):
            raise Invalid(
                f"The text uses {_listed(undeclared)}, which is not declared.",
                fields={"variables": f"Declare {_listed(undeclared)}."},
            )
        if unused := sorted(set(names) - used):
            raise Invalid(
                f"{_listed(unused)} is declared and not used in the text.",
                fields={"variables": f"Remove {_listed(unused)}, or use it."},
            )

    def render(self, values: Mapping[str, Any]) -> list[dict[str, str]]:
        """The messages with every place filled in, in one pass: a value's own braces stay as they are.

        Raises `Invalid` naming each missing or unknown variable, or the one that is longer than it declares,
        and when the messages together would be longer than two million characters.
        """
        declared = {variable.name: variable for variable in self.variables}
        if missing := sorted(set(declared) - set(values)):
            raise Invalid(f"The prompt needs {_listed(missing)}, which the step does not give.")
        if unknown := sorted(set(values) - set(declared)):
            raise Invalid(f"The prompt has no variable called {_listed(unknown)}.")
        for name, variable in declared.items():
            if not isinstance(values[name], str):
                raise Invalid(f"The value of {name} is not text.")
            if len(values[name]) > variable.max_characters:
                raise Invalid(
                    f"{name} has {len(values[name]):,} characters; {variable.max_characters:,} are allowed."
                )
        if (length := self._rendered_length(values)) > LONGEST_RENDERED:
            raise Invalid(
                f"With these values the prompt has {length:,} characters; {LONGEST_RENDERED:,} are allowed."
            )
        return [
            {
                "role": message.role,
                "content": PLACEHOLDER.sub(lambda found: values[found[1]], message.content),
            }
            for message in self.messages
        ]

    def _rendered_length(self, values: Mapping[str, str]) -> int:
        """How long `render` makes the messages together, counted before anything is built."""
        return sum(
            len(message.content)
            + sum(len(values[found[1]]) - len(found[0]) for found in PLACEHOLDER.finditer(message.content))
            for message in self.messages
        )


def _listed(names: list[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
