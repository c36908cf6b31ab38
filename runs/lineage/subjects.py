"""What a recall can be about: something that outputs may have relied on and that turned out to be bad."""

from dataclasses import dataclass
from enum import StrEnum


class SubjectKind(StrEnum):
    """The kinds. Each is named by an identifier, but for a function, which has a name."""

    VERSION = "version"
    MODEL = "model"
    RELEASE = "release"
    FUNCTION = "function"
    ARTIFACT = "artifact"
    OUTPUT = "output"
    MEMORY = "memory"
    APPROVER = "approver"


@dataclass(frozen=True)
class Subject:
    """One of them. `key` is an identifier as text, or a function as workflows name it: `assign_desk@1`."""

    kind: SubjectKind
    key: str
