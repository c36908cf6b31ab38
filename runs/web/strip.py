"""The strip: the same facts in the same order wherever an output or a run is shown, each with its link."""

from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse

from governance.catalog.content import parsed
from governance.catalog.model_versions import ModelContent
from governance.catalog.models import Version
from governance.releases.models import Activation
from governance.web.acting import address
from runs.records.models import Run, RunInput, Step
from runs.web.approvals import approvals_of


@dataclass(frozen=True)
class Fact:
    """One cell of the strip, see `templates/components/strip.html`."""

    label: str
    value: str = ""
    url: str = ""
    links: list[dict[str, str]] = field(default_factory=list)
    small: str = ""
    digest: str = ""
    at: datetime | None = None
    tone: str = ""
    absent: str = ""


def produced_by(run: Run, step: Step | None, *, steps: int) -> Fact:
    """The step and its place in the run."""
    if step is None:
        return Fact("Produced by", absent="Nothing yet", small=f"{steps} steps done")
    place = f"step {step.position + 1} of {max(steps, step.position + 1)}"
    return Fact("Produced by", step.node, url=f"{reverse('runs:run', args=[run.pk])}#{step.pk}", small=place)


def prompt_used(version: Version | None, *, otherwise: str = "") -> Fact:
    """The prompt version and its digest; `otherwise` says what made the output without one."""
    if version is None:
        return Fact("Prompt", absent="None", small=otherwise)
    url = address("governance:version", version.pk)
    return Fact("Prompt", str(version), url=url, digest=version.digest)


def model_used(version: Version | None) -> Fact:
    """The model version and the parameters that it was called with."""
    if version is None:
        return Fact("Model", absent="None", small="no model was asked")
    return Fact(
        "Model", str(version), url=address("governance:version", version.pk), small=parameters_of(version)
    )


def parameters_of(version: Version) -> str:
    """The sampling parameters in words: "temperature 0, seed 1"."""
    content = parsed(version)
    if not isinstance(content, ModelContent):
        return ""
    given = content.parameters
    words = [f"temperature {given.temperature.normalize():f}"]
    words += [f"top-p {given.top_p.normalize():f}"] if given.top_p != 1 else []
    penalty = given.frequency_penalty
    words += [f"frequency penalty {penalty.normalize():f}"] if penalty else []
    words += [f"seed {given.seed}"] if given.seed is not None else ["no seed"]
    return ", ".join(words)


def inputs_given(inputs: list[RunInput], *, earlier: int = 0) -> Fact:
    """The documents, and how many earlier outputs stand between them and this one."""
    links = [
        {"value": given.filename or given.name, "url": reverse("runs:artifact", args=[given.artifact_id])}
        for given in inputs
    ]
    small = {0: "", 1: "and 1 earlier output"}.get(earlier, f"and {earlier} earlier outputs")
    return Fact("Inputs", links=links, small=small, absent="None")


def release_used(run: Run, activation: Activation | None) -> Fact:
    """The release, its environment, and since when it was in effect there."""
    words = f"{run.environment.name}, in effect since" if activation else run.environment.name
    return Fact(
        "Release",
        str(run.release),
        url=address("governance:release", run.release_id),
        small=words,
        at=activation.at if activation else None,
    )


def approved_by(run: Run) -> Fact:
    """Who approved it, when and with what meaning, as it was stamped on the run when it started."""
    given = approvals_of(run)
    url = address("governance:approval", run.release.request_id)
    if not given:
        absent = "Nobody" if run.environment.protected else "No approval needed"
        return Fact("Approved by", absent=absent, small=f"{run.environment.name} takes unapproved releases")
    return Fact(
        "Approved by",
        links=[{"value": vote.name, "url": url} for vote in given],
        small=f"“{given[-1].meaning}”",
        at=given[-1].at,
    )


def activation_at_start(run: Run) -> Activation | None:
    """The activation by which the release was in effect when the run started."""
    earlier = Activation.objects.filter(release=run.release_id, at__lte=run.created_at)
    return earlier.order_by("-at").first()
