"""What a schedule is saved with, checked: when it fires, with which inputs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance.catalog.content import parsed
from governance.catalog.models import Asset, Version
from governance.catalog.workflows import WorkflowContent
from governance.errors import Invalid
from governance.ledger.canonical import sha256_hex
from governance.releases.models import Activation, Environment
from runs.durable.documents import received
from runs.schedules.models import Schedule
from runs.schedules.timing import checked

LARGEST_INPUTS = 65_536


@dataclass(frozen=True)
class Terms:
    """What a person chooses of a schedule; either `cron` or `every_s`."""

    zone: str
    cron: str = ""
    every_s: int | None = None
    inputs: Mapping[str, str] | None = None
    overlap: str = Schedule.Overlap.SKIP
    catch_up: str = Schedule.CatchUp.LAST

    def fitting(self, workflow: Asset, environment: Environment) -> dict[str, Any]:
        """The columns of the row. Raises `Invalid` naming each field, and each input, that is wrong."""
        timing = checked(zone=self.zone, cron=self.cron, every_s=self.every_s)
        _choice("overlap", self.overlap, Schedule.Overlap.values)
        _choice("catch_up", self.catch_up, Schedule.CatchUp.values)
        inputs = dict(self.inputs or {})
        size = sum(len(text.encode("utf-8", "surrogatepass")) for pair in inputs.items() for text in pair)
        if size > LARGEST_INPUTS:
            reason = f"The inputs have {size:,} bytes together; a schedule keeps {LARGEST_INPUTS:,}."
            raise Invalid(reason, fields={"inputs": reason})
        received(expected(workflow, environment), inputs)
        when = {"zone": timing.zone, "cron": timing.cron, "every_s": timing.every_s}
        return {**when, "inputs": inputs, "overlap": str(self.overlap), "catch_up": str(self.catch_up)}


def expected(workflow: Asset, environment: Environment) -> WorkflowContent:
    """The workflow as it is in effect there; while nothing is, its newest version. Raises `Invalid`."""
    live = Activation.objects.line(workflow, environment).select_related("release__version").first()
    newest = Version.objects.filter(asset=workflow.pk).order_by("-number")
    version = live.release.version if live else newest.first()
    content = parsed(version) if version else None
    if not isinstance(content, WorkflowContent):
        reason = "The workflow has no version yet."
        raise Invalid(reason, fields={"workflow": reason})
    return content


def told_of(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The same as the ledger tells it: of each input its digest, not what it says."""
    digests = {name: sha256_hex(text.encode()) for name, text in columns["inputs"].items()}
    return {**columns, "inputs": digests}


def _choice(field: str, value: str, choices: list[str]) -> None:
    if value not in choices:
        reason = f"Choose one of {', '.join(choices)}."
        raise Invalid(reason, fields={field: reason})
