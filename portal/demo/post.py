"""The workflow for a day's post: all letters at once, each cleared of numbers, then held for late pages."""

import json
from collections.abc import Sequence
from typing import Any

from portal.demo.letters import Letter

SLUG = "morning-post"
PURPOSE = "A day's letters at once: how many hold numbers that must not be passed on"
LATE_PAGES_SECONDS = 86_400
TALLY = "{letters: length(post), with_numbers: length(post[?length(keys(found)) > `0`])}"


def content() -> dict[str, Any]:
    """Redact each letter, side by side; count; wait a day for late pages; hand over to the desk."""
    each = {"kind": "function", "function": "redact_personal_data@1", "inputs": {"text": "@item.text"}}
    letters = {"name": "letters", "media_type": "application/json", "max_bytes": 200_000}
    tally = {"kind": "transform", "expression": TALLY, "inputs": {"post": "redact_each"}}
    desk = {"kind": "function", "function": "assign_desk@1", "settings": {"desk": "Complaints"}}
    internal = {"classification": "internal"}
    return {
        "inputs": [{**letters, "classification": "personal"}],
        "start": "redact_each",
        "output": "tally",
        "nodes": [
            {"key": "redact_each", "kind": "map", "over": "$letters", "each": each, "next": "tally"},
            {"key": "tally", **tally, **internal, "next": "late_pages"},
            {"key": "late_pages", "kind": "timer", "seconds": LATE_PAGES_SECONDS, "next": "hand_over"},
            {"key": "hand_over", **desk, **internal},
        ],
    }


def written(letters: Sequence[Letter]) -> bytes:
    """The letters as the workflow takes them."""
    post = [{"case": letter.reference, "text": letter.body.decode("utf-8")} for letter in letters]
    return json.dumps(post, ensure_ascii=False).encode()
