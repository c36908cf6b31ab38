"""The product's way to an answer, and the bare SQL to the same one: timed in turn, on the same rows."""

import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg
from django.test import Client
from django.urls import reverse

from runs.insight.search import search
from runs.lineage.closure import BATCH, NEXT, closure
from runs.lineage.forward import FIRST_PAGE, first_page
from runs.lineage.subjects import Subject, SubjectKind
from runs.records.models import Step
from tests.benchmarks.lineage.history import prompts
from tests.factories.cast import NORTHWIND, Company

SAMPLES: Final = 60
WARM: Final = 5
REACHED: Final = 10_000
Question = Callable[[Any], None]

OUTPUT: Final = """
    SELECT step.*, run.*, edge.*, artifact.sha256, artifact.body FROM runs_step AS asked
    JOIN runs_run AS run ON run.id = asked.run_id JOIN runs_step AS step ON step.run_id = run.id
    JOIN runs_edge AS edge ON edge.step_id = step.id
    JOIN runs_artifact AS artifact ON artifact.id = edge.artifact_id
    WHERE asked.id = %s
"""
DIGEST: Final = """
    SELECT step.id, run.reference FROM runs_artifact AS artifact
    JOIN runs_edge AS edge ON edge.artifact_id = artifact.id AND edge.role = 'output'
    JOIN runs_step AS step ON step.id = edge.step_id JOIN runs_run AS run ON run.id = step.run_id
    WHERE artifact.sha256 = %s ORDER BY step.id DESC LIMIT 21
"""
RELIED: Final = {
    SubjectKind.VERSION: "SELECT id, run_id FROM runs_step WHERE prompt_version_id = %s"
    " ORDER BY id DESC LIMIT 50",
    SubjectKind.ARTIFACT: "SELECT step_id FROM runs_edge WHERE artifact_id = %s AND role = 'input'"
    " ORDER BY step_id DESC LIMIT 50",
}


@dataclass(frozen=True)
class Figure:
    """The product's time in milliseconds at the 95th percentile, and the bare SQL's."""

    ours: float
    raw: float

    @property
    def ratio(self) -> float:
        """How many times as long ours takes."""
        return round(self.ours / self.raw, 2)


class Asking:
    """Questions about rows drawn at random, the same for both ways."""

    def __init__(self, server: psycopg.Connection) -> None:
        self.server, self.chance = server, random.Random(4)  # noqa: S311 - a sample, no secret
        server.prepare_threshold = None  # each statement is planned for its own values, which is at its best
        self.auditor = Company(NORTHWIND).auditor
        self.client = Client()
        self.client.force_login(self.auditor)
        self.steps = self._drawn(Step.objects.filter(node="summarise"))

    def provenance(self) -> Figure:
        """The page of an output."""

        def ours(step: Step) -> None:
            answer = self.client.get(reverse("runs:output", args=[step.pk]))
            assert answer.status_code == 200, answer.status_code

        return self._figure(self.steps, ours, lambda step: self._bare(OUTPUT, step.pk))

    def digest(self) -> Figure:
        """A search for the digest of an output."""
        digests = [step.output.sha256 for step in self.steps if step.output]

        def ours(digest: str) -> None:
            assert search(digest, actor=self.auditor).outputs

        return self._figure(digests, ours, lambda digest: self._bare(DIGEST, digest))

    def recall(self) -> Figure:
        """The first page of what relied on a prompt version, rare or common, or on a document."""
        subjects = [Subject(SubjectKind.VERSION, str(version.pk)) for version in prompts()]
        given = Step.objects.filter(node="redact", edges__source="$letter", run__reference__endswith="0")
        for edge_of in self._drawn(given)[: len(subjects)]:
            edge = edge_of.edges.filter(role="input").first()
            assert edge is not None
            subjects.append(Subject(SubjectKind.ARTIFACT, str(edge.artifact_id)))
        asked = [self.chance.choice(subjects) for _ in range(SAMPLES)]

        def ours(subject: Subject) -> None:
            assert first_page(subject, actor=self.auditor, most=FIRST_PAGE).found

        return self._figure(asked, ours, lambda found: self._bare(RELIED[found.kind], found.key))

    def closed(self) -> Figure:
        """Everything that came of so many outputs that 10,000 are reached."""
        newest = Step.objects.filter(node="redact").order_by("-id").values_list("pk", flat=True)
        roots = list(newest[: REACHED // 2])
        closure(self.chance.sample(roots, min(BATCH, len(roots))))
        began = time.perf_counter()
        found = closure(roots, most=REACHED)
        ours = time.perf_counter() - began
        assert len(found.reached) == min(REACHED, 2 * len(roots)), len(found.reached)
        began = time.perf_counter()
        self._bare_closure(roots)
        return Figure(ours, time.perf_counter() - began)

    def _bare_closure(self, roots: Sequence[UUID]) -> None:
        """The same statement, and nothing of ours around it."""
        statement = NEXT.decode()
        with self.server.transaction():
            self.server.execute("SET LOCAL enable_hashjoin = off")
            self.server.execute("SET LOCAL enable_mergejoin = off")
            seen, level = set(roots), list(roots)
            while level:
                batches = [level[first : first + BATCH] for first in range(0, len(level), BATCH)]
                rows = [row for one in batches for row in self.server.execute(statement, {"steps": one})]
                level = [row[0] for row in rows if row[0] not in seen]
                seen.update(level)

    def _figure(self, asked: Sequence[Any], ours: Question, raw: Question) -> Figure:
        for one in asked[:WARM]:
            ours(one)
            raw(one)
        pairs = [(_milliseconds(ours, one), _milliseconds(raw, one)) for one in asked]
        return Figure(p95([pair[0] for pair in pairs]), p95([pair[1] for pair in pairs]))

    def _bare(self, statement: str, value: Any) -> None:
        assert self.server.execute(statement, [value]).fetchall()

    def _drawn(self, rows: Any) -> list[Step]:
        """Some of them from all over the history: after identifiers drawn between the first and the last."""
        keys = Step.objects.values_list("pk", flat=True)
        first, last = keys.order_by("id")[0], keys.order_by("-id")[0]
        drawn = [UUID(int=self.chance.randrange(first.int, last.int)) for _ in range(SAMPLES)]
        rows = rows.select_related("output").order_by("id")
        found = [rows.filter(pk__gte=after).first() for after in drawn]
        return [step for step in found if step is not None]


def p95(values: Sequence[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def _milliseconds(call: Callable[[Any], None], value: Any) -> float:
    began = time.perf_counter()
    call(value)
    return (time.perf_counter() - began) * 1000
