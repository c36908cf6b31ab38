"""Rows that are only ever inserted.

A model that inherits from `Immutable` is granted INSERT and SELECT alone (`portal.database.grants`) and its
migration puts the `refuse_change` trigger on its table; a test holds both against the live database.
"""

from typing import Any

from django.db import models

from governance.errors import WrongState


class Immutable(models.Model):
    """A row that nobody edits or deletes, whoever they are."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert the row. Raises `WrongState` when it is stored already."""
        if not self._state.adding:
            raise WrongState(f"A stored {self._meta.verbose_name} cannot be changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refused: raises `WrongState`."""
        raise WrongState(f"A stored {self._meta.verbose_name} cannot be deleted.")
