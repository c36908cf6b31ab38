"""Lines of runs that ended elsewhere."""

import json
from typing import Any

from governance.releases.models import Release

BEGAN, ENDED = "2024-03-01T09:00:00Z", "2024-03-01T09:00:04Z"


def imported_step(node: str, *reads: tuple[str, str], said: str, **more: Any) -> dict[str, Any]:
    """A step that read these sources under these names, and said something."""
    return {
        "node": node,
        "reads": [{"name": name, "source": source} for name, source in reads],
        "output": {"json": {"text": said}},
        "classification": "internal",
        "started_at": BEGAN,
        "finished_at": ENDED,
        **more,
    }


def imported_run(release: Release, number: int, **more: Any) -> dict[str, Any]:
    """A run of two steps: the second read what the first had made of a letter."""
    return {
        "key": f"old-{number}",
        "workflow": release.workflow.slug,
        "release": release.number,
        "reference": f"OLD-{number}",
        "state": "succeeded",
        "started_at": BEGAN,
        "finished_at": ENDED,
        "inputs": [
            {"name": "letter", "filename": "letter.txt", "classification": "internal"}
            | {"content": {"text": f"Letter {number}"}}
        ],
        "steps": [
            imported_step("step_0", ("text", "$letter"), said=f"first {number}"),
            imported_step("step_1", ("text", "step_0.text"), said=f"second {number}"),
        ],
        **more,
    }


def lines_of(*runs: dict[str, Any]) -> list[bytes]:
    """The lines of a file with these runs."""
    return [json.dumps(run).encode() + b"\n" for run in runs]
