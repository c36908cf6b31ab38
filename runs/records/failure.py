"""What stops a step or a run: one value, and the one place where it becomes JSON and is read from it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.db import models

LONGEST_DETAIL = 2000


@dataclass(frozen=True)
class Failure:
    """`code` is for programs; title and detail (what to do) are for people; `node` is where it happened."""

    code: str
    title: str
    detail: str = ""
    node: str = ""

    def __post_init__(self) -> None:
        """Take what no column can hold out of texts from outside."""
        object.__setattr__(self, "title", _scrubbed(self.title))
        object.__setattr__(self, "detail", _scrubbed(self.detail)[:LONGEST_DETAIL])

    def __str__(self) -> str:
        """What happened and what to do."""
        return f"{self.title}. {self.detail}".rstrip()

    def stored(self) -> dict[str, str]:
        """The form in which it is stored."""
        return asdict(self)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Failure":
        """The failure that was stored; words that are missing there are empty."""
        return cls(**{name: str(stored.get(name, "")) for name in ("code", "title", "detail", "node")})


class FailureField(models.JSONField):
    """A column of JSON whose value is a `Failure`, or None."""

    if TYPE_CHECKING:
        _pyi_private_set_type: Failure
        _pyi_private_get_type: Failure

    def deconstruct(self) -> Any:
        """To the database, and so to migrations, it is JSON like any other."""
        name, _, arguments, options = super().deconstruct()
        return name, "django.db.models.JSONField", arguments, options

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        """The failure; when one of its members was asked for, that text."""
        found = super().from_db_value(value, expression, connection)
        return Failure.read(found) if isinstance(found, dict) else found

    def get_prep_value(self, value: Any) -> Any:
        """The failure as JSON."""
        return super().get_prep_value(value.stored() if isinstance(value, Failure) else value)


def _scrubbed(text: str) -> str:
    """The text without what PostgreSQL and JSON cannot hold: NUL, and halves of surrogate pairs."""
    return text.replace("\x00", "�").encode("utf-8", "replace").decode("utf-8")
