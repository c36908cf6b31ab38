"""What a step can call: a function, a model, an HTTP endpoint, an expression, another workflow."""

from typing import Annotated, Any, Literal

from pydantic import Field

from governance.catalog.parts import (
    LATER,
    NAME,
    Classification,
    Effect,
    Part,
    Pinned,
    Recall,
    Reference,
    Remember,
    Retry,
)


class Call(Part):
    """What every call has: what it reads, how it is limited, and what it does to the world outside.

    `effect`: `none` may be repeated freely, `idempotent` is told a key that stays the same over attempts,
    `unsafe` is never repeated on its own, and is undone by its node's `compensate` when the run ends badly;
    where nothing can undo it, `irreversible` says why. `timeout_s` limits one attempt from its start to its
    end, `start_within_s` the time from when it could begin until it does.
    """

    kind: str
    inputs: dict[str, Reference] = Field(default_factory=dict)
    classification: Classification | None = None
    retry: Retry | None = Field(default=None, json_schema_extra=LATER)
    timeout_s: int | None = Field(default=None, gt=0, le=3600, json_schema_extra=LATER)
    start_within_s: int | None = Field(default=None, gt=0, le=86_400, json_schema_extra=LATER)
    effect: Effect | None = Field(default=None, json_schema_extra=LATER)
    irreversible: Annotated[str, Field(min_length=1, max_length=400)] | None = Field(
        default=None, json_schema_extra=LATER
    )
    recall: dict[Annotated[str, Field(pattern=NAME)], Recall] | None = Field(
        default=None, json_schema_extra=LATER, max_length=20
    )
    remember: Remember | None = Field(default=None, json_schema_extra=LATER)


class FunctionCall(Call):
    """Calls a registered function, `name@version`."""

    kind: Literal["function"]
    function: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}@[0-9]{1,4}$")
    settings: dict[str, str | int | bool] = Field(default_factory=dict)


class LlmCall(Call):
    """Renders a pinned prompt with recorded values and asks a pinned model.

    `fallback` is asked when the first model's provider fails; `reask` is how often an answer that does not
    fit the schema is handed back to the model with what is wrong.
    """

    kind: Literal["llm"]
    prompt: Pinned
    model: Pinned
    fallback: Pinned | None = Field(default=None, json_schema_extra=LATER)
    output_schema: dict[str, Any] | None = None
    reask: int = Field(default=0, ge=0, le=5, json_schema_extra=LATER)
    max_tokens: int | None = Field(default=None, gt=0, le=100_000)


class HttpCall(Call):
    """Calls an HTTP endpoint that the platform owner has named; `inputs` become its path, query or body.

    `path` may hold `{name}` places. What the path does not name is sent as the query (GET, DELETE) or as a
    JSON body.
    """

    kind: Literal["http"]
    endpoint: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    path: str = Field(default="/", max_length=500, pattern=r"^/[!-~]*$")
    settings: dict[str, str | int | bool] = Field(default_factory=dict)


class TransformCall(Call):
    """Computes a value from recorded values by a JMESPath expression over an object of the inputs."""

    kind: Literal["transform"]
    expression: str = Field(min_length=1, max_length=4000)


class SubrunCall(Call):
    """Runs a pinned version of another workflow of the project as a run of its own and waits for it."""

    kind: Literal["subrun"]
    workflow: Pinned


Calls = Annotated[FunctionCall | LlmCall | HttpCall | TransformCall | SubrunCall, Field(discriminator="kind")]
Undoing = Annotated[FunctionCall | HttpCall, Field(discriminator="kind")]
EFFECTS: dict[str, Effect] = {
    "function": "none",
    "transform": "none",
    "llm": "idempotent",
    "subrun": "idempotent",
}


def effect_of(call: Call) -> Effect:
    """What the call does outside: as declared, else by its kind. Reading is harmless, writing is not."""
    if call.effect is not None:
        return call.effect
    if isinstance(call, HttpCall):
        return "none" if call.method == "GET" else "unsafe"
    return EFFECTS.get(call.kind, "none")


def changes(call: Call) -> bool:
    """Whether the call itself changes something outside. That a model is asked once more is no change."""
    if isinstance(call, LlmCall | SubrunCall):
        return call.effect == "unsafe"
    return effect_of(call) != "none"
