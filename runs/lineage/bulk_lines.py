"""One line of an import: a run that ended elsewhere, with its steps and what each read and made."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from governance.errors import Invalid
from governance.ledger.strict_json import read_json
from runs.artifacts.store import Content, checked, json_content

LARGEST_LINE = 16_000_000
LARGEST_CONTENT = 5_000_000
MOST_STEPS = 1_000
NAME = r"^[a-z][a-z0-9_]{0,39}$"
NODE = r"^[a-z][a-z0-9_]{0,59}$"
Classification = Literal["public", "internal", "confidential", "personal"]
Tokens = Annotated[int, Field(ge=0, lt=2**31)]


class _Part(BaseModel):
    """Every field is named; what is not named is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Part):
    """A content: a text, or a JSON value, and never both."""

    text: str | None = None
    value: Any = Field(default=None, alias="json")

    @model_validator(mode="after")
    def _one_of_both(self) -> "Text":
        if (self.text is None) != ("value" in self.model_fields_set):
            raise ValueError("gives either text or json")
        return self

    def content(self, what: str) -> Content:
        """The checked bytes. Raises `Invalid`."""
        if self.text is not None:
            return checked(self.text, media_type="text/plain", max_bytes=LARGEST_CONTENT, what=what)
        return json_content(self.value, max_bytes=LARGEST_CONTENT, what=what)


class Given(_Part):
    """An input of the run."""

    name: str = Field(pattern=NAME)
    filename: str = Field(default="", max_length=200)
    content: Text
    classification: Classification


class Read(_Part):
    """What a step read: `$input` of the run, or an earlier node of it, each with a path into the value."""

    name: str = Field(pattern=NAME)
    source: str = Field(max_length=300, pattern=r"^\$?[a-z][a-z0-9_]{0,59}(\.[a-z][a-z0-9_]{0,39}){0,5}$")

    @property
    def root(self) -> str:
        """The input, with its `$`, or the node."""
        return self.source.partition(".")[0]


class Stepped(_Part):
    """A step that succeeded; its place in the run is its place in the list, the rest is its node's."""

    node: str = Field(pattern=NODE)
    reads: tuple[Read, ...] = Field(default=(), max_length=100)
    sent: Text | None = Field(default=None, description="The rendered prompt.")
    output: Text | None = None
    classification: Classification
    chosen: str = Field(default="", max_length=60)
    tokens_in: Tokens | None = None
    tokens_out: Tokens | None = None
    cost: Decimal | None = Field(default=None, ge=0, max_digits=18, decimal_places=9)
    started_at: AwareDatetime
    finished_at: AwareDatetime


class Line(_Part):
    """The run. `key` is the importer's own: no two runs of a project have the same."""

    key: str = Field(min_length=1, max_length=190)
    workflow: str = Field(max_length=80)
    release: int = Field(gt=0)
    reference: str = Field(default="", max_length=200)
    state: Literal["succeeded", "cancelled"]
    started_at: AwareDatetime
    finished_at: AwareDatetime
    inputs: tuple[Given, ...] = Field(default=(), max_length=100)
    steps: tuple[Stepped, ...] = Field(default=(), max_length=MOST_STEPS)

    @model_validator(mode="after")
    def _hangs_together(self) -> "Line":
        if self.finished_at < self.started_at:
            raise ValueError("ends before it begins")
        known = {f"${given.name}" for given in self.inputs}
        if len(known) < len(self.inputs):
            raise ValueError("gives two inputs the same name")
        for step in self.steps:
            if step.finished_at < step.started_at:
                raise ValueError(f"says that {step.node} ended before it began")
            for read in step.reads:
                if read.root not in known:
                    raise ValueError(f"says that {step.node} read {read.source}, which was not there yet")
            if step.output is not None:
                known.add(step.node)
        return self


def line_of(text: bytes, number: int) -> Line:
    """The run that a line describes. Raises `Invalid`, naming the line and what is wrong with it."""
    what = f"Line {number:,}"
    if len(text) > LARGEST_LINE:
        raise Invalid(f"{what} has {len(text):,} bytes; {LARGEST_LINE:,} are allowed.")
    value = read_json(text, what=what)
    try:
        return Line.model_validate_json(orjson.dumps(value), strict=True)
    except ValidationError as problem:
        raise Invalid(f"{what} {_complaint(problem)}.") from problem


def latency_ms(began: datetime, ended: datetime) -> int:
    """Of a step, in whole milliseconds, as far as the column goes."""
    return min(int((ended - began).total_seconds() * 1000), 2**31 - 1)


def _complaint(problem: ValidationError) -> str:
    first = problem.errors(include_url=False, include_input=False)[0]
    words = first["msg"].removeprefix("Value error, ")
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "value_error" and not place:
        return words
    return f"is not what an import holds at {place}: {words[0].lower()}{words[1:]}" if place else words
