"""Finding contents by a pasted piece of their text: by the index of words first, then by the piece itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.contrib.postgres.search import SearchQuery

from governance.accounts.models import User
from runs.artifacts.models import Artifact
from runs.artifacts.words import folded, phrase_query
from runs.insight.hits import BEHIND_AN_INPUT, Given, Made
from runs.insight.numbers import number_in, number_pattern, number_query
from runs.insight.passages import Fragment, Passage, contains, passage
from runs.insight.patience import Patience
from runs.insight.unquoted import unquoted
from runs.reading.reading import Searching
from runs.reading.services import open_search, tell_shown
from runs.records.models import Run, RunInput, Step

MOST_CANDIDATES: Final = 400  # contents whose words fit and that are compared with the piece
AT_ONCE: Final = 20
PATIENCE_SECONDS: Final = 5.0


class ReadyQuery(SearchQuery):
    """A `tsquery` that is written out already, see `runs.artifacts.words.phrase_query`."""

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **kwargs: Any) -> Any:
        """A cast, where Django would parse it once more."""
        return super().as_sql(compiler, connection, template="%(expressions)s::tsquery")


@dataclass(frozen=True)
class Wanted:
    """The words and the piece itself, how many hits are enough, and how long it may take."""

    query: str
    fragment: Fragment
    most: int
    patience: Patience
    searching: Searching


def found(text: str, *, actor: User, most: int) -> tuple[list[Made], list[Given]]:
    """The newest outputs and inputs that hold these words, one after another as they were pasted.

    Raises `TooGeneral` when the words are so common that it takes longer than five seconds.
    """
    made: list[Made] = []
    given: list[Given] = []
    patience, ticket = Patience(PATIENCE_SECONDS), open_search(text, actor=actor)
    for query, fragment in _ways(text):
        if query and not (made or given):
            wanted = Wanted(query, fragment, most, patience, Searching(ticket, actor))
            made, given = _outputs(wanted, actor), _inputs(wanted, actor)
    shown = [hit.step.output_id for hit in made] + [hit.given.artifact_id for hit in given]
    tell_shown(ticket, actor=actor, contents=[artifact for artifact in shown if artifact])
    return unquoted(made, given)


def _ways(text: str) -> Iterator[tuple[str, Fragment]]:
    """How the text may be written: a number in any groups; words, of which the first may be cut off."""
    if number := number_in(text):
        yield number_query(number), number_pattern(number)
    for whole_start in (True, False):
        yield phrase_query(text, whole_start=whole_start), folded(text)


def _outputs(wanted: Wanted, actor: User) -> list[Made]:
    fitting = Step.objects.visible_to(actor).filter(output__text__vector=ReadyQuery(wanted.query))
    newest = fitting.order_by("-id").values_list("id", "output")[: MOST_CANDIDATES * 2]
    pairs = wanted.patience.read(newest)
    places = dict(_confirmed([artifact for _, artifact in pairs], wanted))
    found = [step for step, artifact in pairs if artifact in places][: wanted.most]
    steps = Step.objects.filter(pk__in=found).select_related("run", "output").defer("output__inline")
    read = wanted.patience.read(steps.order_by("-id"))
    return [Made(step, places[step.output_id]) for step in read if step.output_id]


def _inputs(wanted: Wanted, actor: User) -> list[Given]:
    visible = RunInput.objects.filter(run__in=Run.objects.visible_to(actor))
    fitting = visible.filter(artifact__text__vector=ReadyQuery(wanted.query))
    newest = fitting.order_by("-id").values_list("id", "artifact")[: MOST_CANDIDATES * 2]
    pairs = wanted.patience.read(newest)
    places = dict(_confirmed([artifact for _, artifact in pairs], wanted))
    found = [given for given, artifact in pairs if artifact in places][: wanted.most]
    named = RunInput.objects.filter(pk__in=found).defer(*BEHIND_AN_INPUT).order_by("-id")
    named = named.select_related("artifact", "run__workflow", "run__version__asset")
    read = wanted.patience.read(named)
    return [Given(given.run, given, places[given.artifact_id]) for given in read]


def _confirmed(artifacts: Sequence[UUID], wanted: Wanted) -> Iterator[tuple[UUID, Passage | None]]:
    """Of these contents, newest first, those that hold the piece; stops when there are enough."""
    unique = list(dict.fromkeys(artifacts))[:MOST_CANDIDATES]
    count = 0
    for start in range(0, len(unique), AT_ONCE):
        batch = Artifact.objects.filter(pk__in=unique[start : start + AT_ONCE])
        for artifact in wanted.patience.read(batch):
            wanted.patience.left()
            body = wanted.searching.released(artifact)
            if body is not None and contains(body, artifact.media_type, wanted.fragment):
                count += 1
                yield artifact.pk, passage(body, artifact.media_type, wanted.fragment)
        if count >= wanted.most:
            return
