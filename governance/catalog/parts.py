"""What nodes are made of: names, references, pins, memory, and how a call is retried."""

import re
from collections.abc import Callable, Collection
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_serializer

NAME = r"^[a-z][a-z0-9_]{0,39}$"
KEY = r"^[a-z][a-z0-9_]{0,59}$"
# `$input`, the recorded output of a node, or within a map `@item` and `@index`; then a path into the value.
REFERENCE = re.compile(
    r"^(\$[a-z][a-z0-9_]{0,39}|@item|@index|[a-z][a-z0-9_]{0,59})(\.[a-z][a-z0-9_]{0,39}){0,5}$"
)
LONGEST_WAIT_SECONDS = 366 * 86_400
Classification = Literal["public", "internal", "confidential", "personal"]
Effect = Literal["none", "idempotent", "unsafe"]
Reference = Annotated[str, Field(pattern=REFERENCE.pattern, max_length=300)]
NodeKey = Annotated[str, Field(pattern=KEY)]
WaitSeconds = Annotated[int, Field(gt=0, le=LONGEST_WAIT_SECONDS)]


class Part(BaseModel):
    """A part of a definition. What came later and is not used is not stored: old digests stay."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_serializer(mode="wrap")
    def _without_unused(self, written: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        fields = type(self).model_fields
        return {
            name: value
            for name, value in written(self).items()
            if not (
                (fields[name].json_schema_extra or {}) == LATER
                and getattr(self, name) == fields[name].default
            )
        }


# Marks a field that definitions did not have from the beginning.
LATER: dict[str, Any] = {"stored": "when used"}


class Pinned(Part):
    """Exactly this version of an asset of the same project; its digest is part of this content's digest."""

    asset: str
    number: int = Field(gt=0)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")


class Retry(Part):
    """How a failed attempt is repeated: full jitter between nothing and the growing delay, at most `cap_ms`.

    `never` names failures (their codes) that are final whatever is left. A provider's `Retry-After` wins.
    """

    attempts: int = Field(default=3, ge=1, le=100)
    first_delay_ms: int = Field(default=1000, ge=0, le=3_600_000)
    factor: int = Field(default=2, ge=1, le=10)
    cap_ms: int = Field(default=60_000, ge=0, le=86_400_000)
    never: tuple[Annotated[str, Field(max_length=60)], ...] = Field(default=(), max_length=20)


class Recall(Part):
    """A value read from memory as the run's snapshot has it; `key` is a text, or a reference to one.

    What is read is given to the call by its name, beside its inputs. See `is_reference` for which is which.
    """

    namespace: str = Field(pattern=NAME)
    key: str = Field(min_length=1, max_length=200)


class Remember(Part):
    """The step's output, or what the path leads to in it, is written to memory with the step's commit."""

    namespace: str = Field(pattern=NAME)
    key: str = Field(min_length=1, max_length=200)
    path: str = Field(default="", max_length=240)


def is_reference(key: str, nodes: Collection[str]) -> bool:
    """Whether a key in memory is a reference: it begins with `$` or `@`, or with the key of a node.

    Anything else is a text that stands for itself. `nodes` are the keys of the workflow's nodes.
    """
    root = key.split(".", maxsplit=1)[0]
    return key.startswith(("$", "@")) or (REFERENCE.match(key) is not None and root in nodes)
