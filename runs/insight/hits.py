"""What a search finds, ready to be shown."""

from dataclasses import dataclass
from typing import Final

from governance.catalog.models import Version
from governance.releases.models import Release
from runs.insight.likeness import Likeness
from runs.insight.passages import Passage
from runs.insight.titles import title_of
from runs.records.models import Run, RunInput, Step

BEHIND_AN_INPUT: Final = ("artifact__inline", "run__version__content")  # what no list of hits shows


@dataclass(frozen=True)
class Made:
    """A step that made the content."""

    step: Step
    passage: Passage | None = None
    likeness: Likeness | None = None

    @property
    def title(self) -> str:
        """What the output is called."""
        return title_of(self.step)


@dataclass(frozen=True)
class Given:
    """A run that was started with the content."""

    run: Run
    given: RunInput
    passage: Passage | None = None
    likeness: Likeness | None = None


@dataclass(frozen=True)
class Named:
    """A version, or a release of one, with the digest that it is known by."""

    version: Version
    digest: str
    release: Release | None = None
