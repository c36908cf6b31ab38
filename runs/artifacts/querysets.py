"""Reading artifacts. Which of them a person may see is decided by the runs that used them: `runs.lineage`."""

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from runs.artifacts.models import Artifact


class ArtifactQuerySet(models.QuerySet["Artifact"]):
    """Questions about artifacts."""

    def with_digest(self, sha256: str) -> Self:
        """The artifacts of this digest, at most one per organisation."""
        return self.filter(sha256=sha256.lower())
