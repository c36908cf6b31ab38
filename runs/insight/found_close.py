"""Texts that come close to a pasted one, which was edited since: a greeting, a word, a line's end."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.contrib.postgres.search import SearchRank
from django.db.models import F

from governance.accounts.models import User
from runs.artifacts.models import Artifact
from runs.artifacts.words import PART, folded, phrase_query
from runs.insight.found_by_text import ReadyQuery
from runs.insight.hits import BEHIND_AN_INPUT, Given, Made
from runs.insight.likeness import Likeness, fewest_shared, likeness, parts_of
from runs.insight.patience import Patience, TooGeneral
from runs.records.models import Run, RunInput, Step

MOST: Final = 6  # of outputs, and of inputs
MOST_COMPARED: Final = 40  # of each, those with the most words in common
PATIENCE_SECONDS: Final = 4.0


@dataclass(frozen=True)
class Close:
    """The contents that share most with the text, the closest first; `given_up` when time ran out."""

    outputs: list[Made] = field(default_factory=list)
    inputs: list[Given] = field(default_factory=list)
    given_up: bool = False

    @property
    def count(self) -> int:
        """How many are shown."""
        return len(self.outputs) + len(self.inputs)


def close_to(text: str, *, actor: User) -> Close:
    """What the person may see and what holds a sentence, or half of the words, of the text."""
    runs = _runs_of(text)
    if not runs:
        return Close()
    query, patience = ReadyQuery(runs), Patience(PATIENCE_SECONDS)
    made = Step.objects.visible_to(actor).filter(output__text__vector=query)
    made = made.annotate(rank=SearchRank(F("output__text__vector"), query)).order_by("-rank", "-id")
    given = RunInput.objects.filter(run__in=Run.objects.visible_to(actor), artifact__text__vector=query)
    given = given.annotate(rank=SearchRank(F("artifact__text__vector"), query)).order_by("-rank", "-id")
    try:
        outputs = patience.read(made.values_list("id", "output")[:MOST_COMPARED])
        inputs = patience.read(given.values_list("id", "artifact")[:MOST_COMPARED])
        alike = _alike({artifact for _, artifact in [*outputs, *inputs]}, parts_of(text), patience)
    except TooGeneral:
        return Close(given_up=True)
    return Close(_outputs(_closest(outputs, alike), alike), _inputs(_closest(inputs, alike), alike))


def _runs_of(text: str) -> str:
    """Any of the runs of words that the text holds, as the text of a `tsquery`; the whole text is none."""
    plain = folded(text)
    parts = list(PART.finditer(plain))
    size = fewest_shared(parts)
    ends = zip(parts, parts[size - 1 :], strict=False) if len(parts) > size else ()
    runs = [plain[first.start() : last.end()] for first, last in ends]
    return " | ".join(phrase_query(run, whole_start=True) for run in dict.fromkeys(runs))


def _alike(artifacts: Iterable[UUID], parts: list[str], patience: Patience) -> dict[UUID, Likeness]:
    found: dict[UUID, Likeness] = {}
    for pk in artifacts:  # one body at a time: they may be large
        for artifact in patience.read(Artifact.objects.filter(pk=pk)):
            shared = likeness(bytes(artifact.body), artifact.media_type, parts)
            if shared is not None and shared.is_close:
                found[artifact.pk] = shared
    return found


def _closest(pairs: list[tuple[UUID, UUID]], alike: dict[UUID, Likeness]) -> list[UUID]:
    """Of these rows and their contents, the closest, then the newest; what shares far less is left out."""
    shared = {row: alike[artifact].shared for row, artifact in pairs if artifact in alike}
    most = max(shared.values(), default=0)
    near = [row for row in shared if shared[row] * 2 >= most]
    return sorted(near, key=lambda row: (shared[row], row), reverse=True)[:MOST]


def _outputs(rows: list[UUID], alike: dict[UUID, Likeness]) -> list[Made]:
    steps = Step.objects.select_related("run", "output").defer("output__body").in_bulk(rows)
    found = [steps[row] for row in rows]
    return [Made(step, likeness=alike[step.output_id]) for step in found if step.output_id]


def _inputs(rows: list[UUID], alike: dict[UUID, Likeness]) -> list[Given]:
    named = RunInput.objects.select_related("artifact", "run__workflow", "run__version__asset")
    given = named.defer(*BEHIND_AN_INPUT).in_bulk(rows)
    return [Given(given[row].run, given[row], likeness=alike[given[row].artifact_id]) for row in rows]
