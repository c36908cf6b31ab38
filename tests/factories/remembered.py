"""Workflows that remember."""

from typing import Any


def remembering(**remember: str) -> dict[str, Any]:
    """A workflow whose first step reads what is remembered of the letter's sender, whose second writes it."""
    kept = {"namespace": "senders", "key": "$letter", **remember}
    return {
        "inputs": [{"name": "letter"}],
        "nodes": [
            {
                "kind": "transform",
                "key": "look",
                "inputs": {},
                "recall": {"known": {"namespace": "senders", "key": "$letter"}},
                "expression": "{known: known}",
                "next": "keep",
            },
            {
                "kind": "function",
                "key": "keep",
                "function": "nothing@1",
                "inputs": {"text": "look.known"},
                "remember": kept,
            },
        ],
        "start": "look",
        "output": "look",
    }
