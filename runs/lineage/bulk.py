"""Taking over runs that ended elsewhere: a whole file of them, or none."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.accounts.models import Project, User
from governance.errors import Invalid
from governance.ledger.canonical import canonical, sha256_hex
from governance.ledger.identity import uuid7
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import storable
from governance.releases.models import Release
from runs.artifacts.store import Content, keep, ready
from runs.lineage.bulk_lines import Line, Stepped, Text, latency_ms, line_of
from runs.lineage.bulk_names import Named, Names
from runs.lineage.bulk_rows import Batch
from runs.lineage.models import Edge
from runs.records.models import Run, Step

LINES_AT_ONCE: Final = 2_000
LONGEST_REASON: Final = 1_000
KEYS: Final = "import:"  # with what the idempotency keys of imported runs begin


@dataclass
class Imported:
    """How much was taken over, and the SHA-256 of the lines."""

    runs: int = 0
    steps: int = 0
    edges: int = 0
    sha256: str = ""


@transaction.atomic
def import_runs(project: Project, *, actor: User, lines: Iterable[bytes], reason: str) -> Imported:
    """Insert the runs of the lines with their contents, steps and edges; all of them, or none.

    Each is a JSON object as `bulk_lines.Line` describes it. A run is stamped with the release that it names,
    without approvals: nobody here approved what was executed elsewhere. Nothing is added to one later, and no
    worker ever takes it. Raises `NotVisible` or `NotAllowed` without "Administer the project", `Invalid`
    naming the line and what is wrong with it, also when its key was imported before.
    """
    project = Project.objects.select_related("organisation").get(pk=project.pk)
    authorise(actor, Permission.ADMINISTER, project=project)
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing="Say where the runs come from.")
    names, done, digest = Names(project), Imported(), sha256()
    for numbered in _batches(lines):
        for _, text in numbered:
            digest.update(text + b"\n")
        _take_over(numbered, names, actor, done)
    if not done.runs:
        raise Invalid("There is no run to import: every line is empty.")
    done.sha256 = digest.hexdigest()
    counts = {"runs": done.runs, "steps": done.steps, "edges": done.edges}
    record(
        Kind.HISTORY_IMPORTED,
        actor=actor,
        organisation=project.organisation_id,
        about=("project", project.pk),
        details={"project": project.slug, **counts, "sha256": done.sha256, "reason": reason},
    )
    return done


def _batches(lines: Iterable[bytes]) -> Iterator[list[tuple[int, bytes]]]:
    """The lines that are not empty with their numbers, some thousand at a time."""
    numbered = ((number, text.strip()) for number, text in enumerate(lines, start=1))
    filled = ((number, text) for number, text in numbered if text)
    while batch := list(islice(filled, LINES_AT_ONCE)):
        yield batch


def _take_over(numbered: list[tuple[int, bytes]], names: "Names", actor: User, done: Imported) -> None:
    organisation = names.project.organisation_id
    batch, keys, contents = Batch(), dict[str, int](), dict[UUID, Content]()
    for number, text in numbered:
        line = line_of(text, number)
        if keys.setdefault(KEYS + line.key, number) != number:
            raise Invalid(f"Line {number:,} has the key of line {keys[KEYS + line.key]:,}: {line.key}.")
        try:
            _Row(line, text, names, actor, batch, contents).write()
        except Invalid as problem:
            raise Invalid(f"Line {number:,}: {problem.message}") from problem
    _refuse_known(names.project, keys)
    keep(ready(contents.values(), organisation=organisation), organisation=organisation)
    batch.insert(organisation=organisation, by=actor)
    done.runs += len(batch.rows["runs_run"])
    done.steps += len(batch.rows["runs_step"])
    done.edges += len(batch.rows["runs_edge"])


def _refuse_known(project: Project, keys: dict[str, int]) -> None:
    known = Run.objects.filter(project=project, idempotency_key__in=list(keys))
    lines = {keys[str(key)]: str(key) for key in known.values_list("idempotency_key", flat=True)}
    if lines:
        line = min(lines)
        own = lines[line].removeprefix(KEYS)
        raise Invalid(f"Line {line:,}: a run with this key was imported before: {own}.")


@dataclass
class _Row:
    """A line on its way into the tables."""

    line: Line
    text: bytes
    names: Names
    actor: User
    batch: Batch
    contents: dict[UUID, Content]
    id: UUID = field(default_factory=uuid7)
    known: dict[str, UUID] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    edges: int = 0

    def write(self) -> None:
        """Add its rows to the batch. Raises `Invalid` for names that the project does not know."""
        named = self.names.release(self.line.workflow, self.line.release)
        for given in self.line.inputs:
            artifact = self._keep(given.content, f"The input {given.name}").identifier(self._organisation)
            self.known[f"${given.name}"] = artifact
            self.batch.add(
                "runs_run_input", id=uuid7(), run_id=self.id, name=given.name, filename=given.filename,
                artifact_id=artifact, classification=given.classification,
            )  # fmt: skip
        output = None
        for position, step in enumerate(self.line.steps):
            output = self._step(position, step, named) or output
        self._run(output, named)

    @property
    def _organisation(self) -> UUID:
        return self.names.project.organisation_id

    def _keep(self, text: Text, what: str) -> Content:
        content = text.content(what)
        self.contents[content.identifier(self._organisation)] = content
        return content

    def _step(self, position: int, step: Stepped, named: Named) -> UUID | None:
        """The step with its edges; the artifact that it made."""
        pk, node, output, digest = uuid7(), named.node(step.node), None, ""
        for read in step.reads:
            self._edge(pk, Edge.Role.INPUT, self.known[read.root], read.name, read.source)
        if step.sent is not None:
            sent = self._keep(step.sent, f"What {step.node} sent").identifier(self._organisation)
            self._edge(pk, Edge.Role.PROMPT, sent)
        if step.output is not None:
            content = self._keep(step.output, f"The output of {step.node}")
            output, digest = content.identifier(self._organisation), content.sha256
            self.known[step.node] = output
            self._edge(pk, Edge.Role.OUTPUT, output)
        self.made.append(f"{step.node} {digest}\n")
        self.batch.add(
            "runs_step", id=pk, run_id=self.id, node=step.node, kind=node.kind, position=position, attempt=1,
            state=Step.State.SUCCEEDED.value, function=node.function,
            prompt_version_id=node.prompt, model_version_id=node.model,
            output_id=output, classification=step.classification, chosen=step.chosen, facts="{}",
            tokens_in=step.tokens_in, tokens_out=step.tokens_out, cost=step.cost, started_at=step.started_at,
            finished_at=step.finished_at, latency_ms=latency_ms(step.started_at, step.finished_at),
        )  # fmt: skip
        return output

    def _edge(self, step: UUID, role: Edge.Role, artifact: UUID, name: str = "", source: str = "") -> None:
        self.edges += 1
        columns = {
            "step_id": step,
            "role": role.value,
            "name": name,
            "source": source,
            "artifact_id": artifact,
        }
        self.batch.add("runs_edge", id=uuid7(), **columns)

    def _run(self, output: UUID | None, named: Named) -> None:
        line, steps = self.line, self.line.steps
        release, digest = named.release, sha256_hex(self.text)
        self.batch.add(
            "runs_run", id=self.id, organisation_id=self._organisation, project_id=self.names.project.pk,
            workflow_id=release.workflow_id, version_id=release.version_id, release_id=release.pk,
            environment_id=release.environment_id, closure_digest=release.digest, approvals="[]",
            reference=line.reference, idempotency_key=KEYS + line.key, request_digest=digest,
            origin=Run.Origin.IMPORT.value, started_by_id=self.actor.pk, started_by_name=self.actor.name,
            state=line.state, cursor=steps[-1].node if steps else "", position=len(steps), attempt=1,
            output_id=output, tokens_in=sum(step.tokens_in or 0 for step in steps),
            tokens_out=sum(step.tokens_out or 0 for step in steps),
            cost=sum((step.cost or 0 for step in steps), start=0),
            priced=all(step.cost is not None for step in steps if named.node(step.node).model),
            created_at=datetime.now(UTC), started_at=line.started_at, finished_at=line.finished_at,
            lease_owner="", lease_epoch=0, recoveries=0,
        )  # fmt: skip
        self.batch.tell(self.id, canonical(self._told(release, digest)))

    def _told(self, release: Release, digest: str) -> dict[str, Any]:
        """Its event: what was handed in, and what was made of it, by their digests."""
        return {
            "reference": self.line.reference,
            "release": str(release),
            "sha256": release.digest,
            "origin": str(Run.Origin.IMPORT),
            "state": self.line.state,
            "line_sha256": digest,
            "steps": len(self.line.steps),
            "edges": self.edges,
            "steps_sha256": sha256_hex("".join(self.made).encode()),
        }
