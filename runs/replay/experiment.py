"""What an experiment runs: other versions than the approved ones, by the nodes that use them."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from governance.catalog.models import Version
from runs.records.models import Run


@dataclass(frozen=True)
class Replaced:
    """A version that a node uses in place of the one that its workflow pins; nobody approved it."""

    node: str
    kind: str
    version: Version

    def __str__(self) -> str:
        return f"{self.node}: {self.version}"


def replaced_in(runs: Iterable[Run]) -> dict[UUID, list[Replaced]]:
    """Of the experiments among these runs, by run and in the order of their nodes; in one query at most."""
    experiments = [run for run in runs if run.overrides]
    if not experiments:
        return {}
    wanted = {pk for run in experiments for chosen in run.overrides.values() for pk in chosen.values()}
    rows = Version.objects.filter(pk__in=wanted).select_related("asset").defer("content")
    versions = {str(version.pk): version for version in rows}
    return {run.pk: list(_of(run, versions)) for run in experiments}


def replaced_by(run: Run) -> list[Replaced]:
    """Of one run; nothing for what is no experiment."""
    return replaced_in([run]).get(run.pk, [])


def _of(run: Run, versions: dict[str, Version]) -> Iterable[Replaced]:
    for node, chosen in sorted(run.overrides.items()):
        for kind, identifier in sorted(chosen.items(), reverse=True):  # the prompt first
            if identifier in versions:
                yield Replaced(node, kind, versions[identifier])
