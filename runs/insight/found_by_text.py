"""Finding contents by a pasted piece of their text: by their words first, then by the exact piece."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db import connection, transaction

from governance.accounts.models import User
from runs.artifacts.models import Artifact
from runs.artifacts.words import folded, phrase_query
from runs.insight.hits import BEHIND_AN_INPUT, Given, Made
from runs.insight.passages import Passage, contains, passage
from runs.records.models import Run, RunInput, Step

MOST_CANDIDATES: Final = 400  # contents whose words fit and that are compared with the exact piece
AT_ONCE: Final = 20
PATIENCE_MS: Final = 5000


class ReadyQuery(SearchQuery):
    """A `tsquery` that is written out already, see `runs.artifacts.words.phrase_query`."""

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **kwargs: Any) -> Any:
        """A cast, where Django would parse it once more."""
        return super().as_sql(compiler, connection, template="%(expressions)s::tsquery")


def found(text: str, *, actor: User, most: int) -> tuple[list[Made], list[Given]]:
    """The newest outputs and inputs that hold exactly this piece of text, white space and case apart.

    Raises `OperationalError` when the words are so common that comparing takes longer than five seconds.
    """
    fragment = folded(text)
    made: list[Made] = []
    given: list[Given] = []
    with _patience():
        for whole_start in (True, False):
            query = phrase_query(fragment, whole_start=whole_start)
            if query and not (made or given):
                made = _outputs(query, fragment, actor, most)
                given = _inputs(query, fragment, actor, most)
    return made, given


def _outputs(query: str, fragment: str, actor: User, most: int) -> list[Made]:
    fitting = Step.objects.visible_to(actor).filter(output__text__vector=ReadyQuery(query))
    pairs = list(fitting.order_by("-id").values_list("id", "output")[: MOST_CANDIDATES * 2])
    places = dict(_confirmed([artifact for _, artifact in pairs], fragment, most))
    wanted = [step for step, artifact in pairs if artifact in places][:most]
    steps = Step.objects.filter(pk__in=wanted).select_related("run", "output").defer("output__body")
    return [Made(step, places[step.output_id]) for step in steps.order_by("-id") if step.output_id]


def _inputs(query: str, fragment: str, actor: User, most: int) -> list[Given]:
    visible = RunInput.objects.filter(run__in=Run.objects.visible_to(actor))
    fitting = visible.filter(artifact__text__vector=ReadyQuery(query))
    pairs = list(fitting.order_by("-id").values_list("id", "artifact")[: MOST_CANDIDATES * 2])
    places = dict(_confirmed([artifact for _, artifact in pairs], fragment, most))
    wanted = [given for given, artifact in pairs if artifact in places][:most]
    named = RunInput.objects.filter(pk__in=wanted).defer(*BEHIND_AN_INPUT).order_by("-id")
    named = named.select_related("artifact", "run__workflow", "run__version__asset")
    return [Given(given.run, given, places[given.artifact_id]) for given in named]


def _confirmed(artifacts: Sequence[UUID], fragment: str, most: int) -> Iterator[tuple[UUID, Passage | None]]:
    """Of these contents, newest first, those that hold the exact piece; stops when there are enough."""
    unique = list(dict.fromkeys(artifacts))[:MOST_CANDIDATES]
    count = 0
    for start in range(0, len(unique), AT_ONCE):
        wanted = unique[start : start + AT_ONCE]
        for artifact in Artifact.objects.filter(pk__in=wanted):
            body = bytes(artifact.body)
            if contains(body, artifact.media_type, fragment):
                count += 1
                yield artifact.pk, passage(body, artifact.media_type, fragment)
        if count >= most:
            return


@contextmanager
def _patience() -> Iterator[None]:
    """Within this block a statement may take five seconds."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        usual = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{PATIENCE_MS}ms"])
        yield
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [usual])
