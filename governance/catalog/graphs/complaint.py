"""What is wrong with a workflow, and where."""

from collections.abc import Iterable
from typing import NamedTuple


class Complaint(NamedTuple):
    """A node's key, or `workflow` or `inputs`, and what is wrong there, as the end of a sentence."""

    node: str
    reason: str


def by_node(complaints: Iterable[Complaint]) -> dict[str, str]:
    """All reasons of each node together, in the order in which the nodes first appear."""
    found: dict[str, list[str]] = {}
    for node, reason in complaints:
        reasons = found.setdefault(node, [])
        if reason not in reasons:
            reasons.append(reason)
    return {node: "; ".join(reasons) for node, reasons in found.items()}
