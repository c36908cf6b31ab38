"""The report inside a bundle: what happened, on what, by which versions, who approved, and what proves it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from governance.merkle.note import parse
from governance.proof.models import Checkpoint
from runs.artifacts.models import Artifact
from runs.artifacts.store import JSON, TEXT
from runs.evidence.assemble import digest_of_verifier
from runs.evidence.gathering import Gathered
from runs.evidence.materials import Material
from runs.evidence.verifier.causes import MEANINGS

STYLE: Final = Path(__file__).with_suffix(".css")
LONGEST_SHOWN: Final = 20_000
MOST_ROWS: Final = 400
USES: Final = {
    "given": "handed in",
    "input": "read",
    "prompt": "sent to a model",
    "answer": "refused answer",
    "output": "output",
    "closure": "what was decided on",
    "version": "definition",
}


@dataclass(frozen=True)
class Content:
    """A content as the report shows it: its text where it is in the bundle, and is text."""

    sha256: str
    size: int
    classification: str
    uses: str
    text: str | None
    cut: bool
    left_out: str


def report_of(
    gathered: Gathered,
    predicate: Mapping[str, Any],
    materials: Sequence[Material],
    checkpoint: Checkpoint,
) -> bytes:
    """One HTML file without scripts and without anything from elsewhere."""
    shown = {each.sha256: _shown(each) for each in materials}
    context = {
        "style": _style(),
        "predicate": predicate,
        "about": predicate["about"],
        "made": predicate["made"],
        "organisation": predicate["organisation"],
        "runs": [_with_contents(run, shown) for run in predicate["runs"]],
        "releases": predicate["releases"],
        "contents": [each for each in shown.values() if "version" not in each.uses],
        "definitions": [shown[each.sha256] for each in materials if each.roles & {"version", "closure"}],
        "events": gathered.events[:MOST_ROWS],
        "more_events": max(0, len(gathered.events) - MOST_ROWS),
        "count": len(gathered.events),
        "digest": predicate["events"]["digest"],
        "note": parse(bytes(checkpoint.note)).note,
        "checkpoint": checkpoint,
        "verifier": digest_of_verifier(),
        "left_out": [each for each in shown.values() if each.left_out],
    }
    return render_to_string("evidence/report.html", context).encode()


def _style() -> str:
    ours = STYLE.read_text(encoding="utf-8")
    return format_html("<style>{}</style>", mark_safe(ours))  # noqa: S308  # nosec


def instructions() -> bytes:
    """VERIFY.md: how to examine the bundle, and what each exit code means."""
    causes = [(int(cause), meaning) for cause, meaning in MEANINGS.items()]
    return render_to_string(
        "evidence/verify.md", {"causes": causes, "verifier": digest_of_verifier()}
    ).encode()


def _with_contents(run: Mapping[str, Any], shown: Mapping[str, Content]) -> dict[str, Any]:
    steps = [
        {
            **step,
            "output": shown.get(step.get("output_sha256", "")),
            "read": [edge for edge in step["contents"] if edge["role"] == "input"],
        }
        for step in run["steps"]
    ]
    inputs = [{**given, "content": shown.get(given["sha256"])} for given in run["inputs"]]
    return {**run, "steps": steps, "inputs": inputs}


def _shown(material: Material) -> Content:
    text = _text(material)
    return Content(
        sha256=material.sha256,
        size=material.size,
        classification=str(Artifact.Classification(material.classification).label),
        uses=", ".join(USES[role] for role in sorted(material.roles)),
        text=text[:LONGEST_SHOWN] if text is not None else None,
        cut=text is not None and len(text) > LONGEST_SHOWN,
        left_out=material.why_left_out if material.body is None else "",
    )


def _text(material: Material) -> str | None:
    """The content as a person reads it; None for what is no text, or is not in the bundle."""
    if material.body is None or material.media_type not in {TEXT, JSON}:
        return None
    if material.media_type == JSON:
        try:
            value = orjson.loads(material.body)
        except orjson.JSONDecodeError:
            return material.body.decode("utf-8", "replace")
        return value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    return material.body.decode("utf-8-sig", "replace")
