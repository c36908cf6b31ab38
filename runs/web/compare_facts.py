"""What two runs were and used, fact by fact, for the page that holds one beside the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from governance.web.acting import address
from runs.records.models import Run, RunInput
from runs.web.kin import reason_of
from runs.web.rows import Row, rows_of


@dataclass(frozen=True)
class Held:
    """One side of a fact. `amount` is formatted by the page as its fact's `kind` says."""

    said: str = ""
    url: str = ""
    small: str = ""
    digest: str = ""
    amount: Any = None


@dataclass(frozen=True)
class Beside:
    """One fact of both runs; `changed_url` shows what changed from the left one to the right one."""

    label: str
    left: Held
    right: Held
    kind: str = ""
    changed_url: str = ""

    @property
    def same(self) -> bool:
        """Whether both runs say the same."""
        return self.left == self.right


def rows_beside(left: Run, right: Run) -> tuple[Row, Row]:
    """Both runs as lists show them."""
    first, second = rows_of([left, right])
    return first, second


def facts_beside(left: Row, right: Row, *, asked: Sequence[Beside]) -> list[Beside]:
    """The facts that matter, those that decide what ran first; `asked` are those of their models' calls."""
    facts = [
        Beside("Workflow", _version(left), _version(right)),
        Beside("Release", _release(left), _release(right)),
        Beside("Approved by", _approval(left), _approval(right)),
        *asked,
        Beside("Made because", Held(reason_of(left.run)), Held(reason_of(right.run))),
        *_inputs(left.run, right.run),
        Beside("Started", _started(left), _started(right), "when"),
        Beside("Took", Held(amount=left.duration), Held(amount=right.duration), "duration"),
        Beside("Tokens in", _tokens(left, "tokens_in"), _tokens(right, "tokens_in"), "tokens"),
        Beside("Tokens out", _tokens(left, "tokens_out"), _tokens(right, "tokens_out"), "tokens"),
        Beside("Cost", Held(amount=left.cost), Held(amount=right.cost), "money"),
    ]
    return [fact for fact in facts if fact.left != Held() or fact.right != Held()]


def _version(row: Row) -> Held:
    run = row.run
    return Held(str(run.version), address("governance:version", run.version_id), digest=run.version.digest)


def _release(row: Row) -> Held:
    run = row.run
    said = f"release {run.release.number}"
    return Held(said, address("governance:release", run.release_id), small=f"ran in {run.environment.name}")


def _approval(row: Row) -> Held:
    if row.replaced:
        named = ", ".join(map(str, row.replaced))
        return Held("Experiment: runs versions that nobody approved", small=named)
    if row.approved_by:
        return Held(row.approved_by)
    return Held("No approval needed", small=f"{row.run.environment.name} is not protected")


def _started(row: Row) -> Held:
    return Held(small=f"by {row.run.started_by_name}, {row.origin}", amount=row.run.created_at)


def _tokens(row: Row, name: str) -> Held:
    used = row.used
    return Held(amount=getattr(used, name)) if used.tokens_in or used.tokens_out else Held()


def _inputs(left: Run, right: Run) -> list[Beside]:
    found: dict[str, dict[Any, Held]] = {}
    given = RunInput.objects.filter(run__in=[left.pk, right.pk]).select_related("artifact")
    for each in given.defer("artifact__inline").order_by("name"):
        url = reverse("runs:artifact", args=[each.artifact_id])
        shown = Held(each.filename or each.name, url, digest=each.artifact.sha256)
        found.setdefault(each.name, {})[each.run_id] = shown
    absent = Held("not given")
    return [
        Beside(f"Input: {name.replace('_', ' ')}", sides.get(left.pk, absent), sides.get(right.pk, absent))
        for name, sides in found.items()
    ]
