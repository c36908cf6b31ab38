"""Texts that come close to a pasted one, which was edited since: a greeting, a word, a line's end."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from governance.accounts.models import User
from runs.artifacts.models import Artifact
from runs.artifacts.words import PART, folded, phrase_query
from runs.insight.found_by_text import ReadyQuery
from runs.insight.hits import BEHIND_AN_INPUT, Given, Made
from runs.insight.likeness import SHORT, Likeness, fewest_shared, likeness, parts_of
from runs.insight.patience import Patience, TooGeneral
from runs.insight.unquoted import unquoted
from runs.reading.reading import Searching
from runs.reading.services import open_search, tell_shown
from runs.records.models import Run, RunInput, Step

MOST: Final = 6  # of outputs, and of inputs
MOST_COMPARED: Final = 40  # of each
ENOUGH: Final = 50  # rows with one run of words: more say little about where the text is from
STRIDE: Final = 2  # words from the start of one run to that of the next
PATIENCE_SECONDS: Final = 2.0  # for outputs, for inputs, and for comparing them

Pair = tuple[UUID, UUID]  # a row, and its content


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
    given = RunInput.objects.filter(run__in=Run.objects.visible_to(actor))
    outputs, whole = _likely(Step.objects.visible_to(actor), "output", runs)
    inputs, all_of_them = _likely(given, "artifact", runs)
    likely = {artifact for _, artifact in [*outputs, *inputs]}
    if not likely:
        return Close(given_up=not (whole and all_of_them))
    searching = Searching(open_search(text, actor=actor), actor)
    try:
        alike = _alike(likely, parts_of(text), searching)
    except TooGeneral:
        return Close(given_up=True)
    made, handed_in = unquoted(
        _outputs(_closest(outputs, alike), alike), _inputs(_closest(inputs, alike), alike)
    )
    close = Close(made, handed_in, given_up=not (whole and all_of_them))
    shown = [hit.step.output_id for hit in close.outputs] + [hit.given.artifact_id for hit in close.inputs]
    tell_shown(searching.ticket, actor=actor, contents=[artifact for artifact in shown if artifact])
    return close


def _runs_of(text: str) -> list[str]:
    """Runs of words that the text holds, each as the text of a `tsquery`; the whole text is none."""
    plain = folded(text)
    parts = list(PART.finditer(plain))
    size = fewest_shared(parts)
    if len(parts) <= size:
        return []
    runs = [plain[first.start() : last.end()] for first, last in zip(parts, parts[size - 1 :], strict=False)]
    chosen = runs if len(parts) < SHORT else [*runs[::STRIDE], runs[-1]]
    rarest_first = sorted(
        dict.fromkeys(chosen), key=len, reverse=True
    )  # long words are rarer than short ones
    return [phrase_query(run, whole_start=True) for run in rarest_first]


def _likely(rows: QuerySet[Any], column: str, runs: Sequence[str]) -> tuple[list[Pair], bool]:
    """The rows that hold most of the runs, where a rare run counts more; and whether time was enough."""
    weights: defaultdict[Pair, float] = defaultdict(float)
    patience, enough = Patience(PATIENCE_SECONDS), True
    try:
        for run in runs:
            holding = rows.filter(**{f"{column}__text__vector": ReadyQuery(run)})
            pairs = patience.read(holding.values_list("pk", column)[:ENOUGH])
            for pair in pairs:
                weights[pair] += 1 / len(pairs)
    except TooGeneral:
        enough = False
    return sorted(weights, key=lambda pair: (weights[pair], pair), reverse=True)[:MOST_COMPARED], enough


def _alike(artifacts: Iterable[UUID], parts: list[str], searching: Searching) -> dict[UUID, Likeness]:
    found: dict[UUID, Likeness] = {}
    patience = Patience(PATIENCE_SECONDS)
    for pk in artifacts:  # one body at a time: they may be large
        for artifact in patience.read(Artifact.objects.filter(pk=pk)):
            body = searching.released(artifact)
            shared = None if body is None else likeness(body, artifact.media_type, parts)
            if shared is not None and shared.is_close:
                found[artifact.pk] = shared
    return found


def _closest(pairs: list[Pair], alike: dict[UUID, Likeness]) -> list[UUID]:
    """Of these rows the closest, then the newest; what shares far less is left out."""
    shared = {row: alike[artifact].shared for row, artifact in pairs if artifact in alike}
    most = max(shared.values(), default=0)
    near = [row for row in shared if shared[row] * 2 >= most]
    return sorted(near, key=lambda row: (shared[row], row), reverse=True)[:MOST]


def _outputs(rows: list[UUID], alike: dict[UUID, Likeness]) -> list[Made]:
    steps = Step.objects.select_related("run", "output").defer("output__inline").in_bulk(rows)
    found = [steps[row] for row in rows]
    return [Made(step, likeness=alike[step.output_id]) for step in found if step.output_id]


def _inputs(rows: list[UUID], alike: dict[UUID, Likeness]) -> list[Given]:
    named = RunInput.objects.select_related("artifact", "run__workflow", "run__version__asset")
    given = named.defer(*BEHIND_AN_INPUT).in_bulk(rows)
    return [Given(given[row].run, given[row], likeness=alike[given[row].artifact_id]) for row in rows]
