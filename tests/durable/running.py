"""Nodes that run workflows: one, or one for each item of a list."""

from typing import Any

from tests.durable.scripts import graph
from tests.factories.cast import Company
from tests.factories.things import make_version, pin

LIST = {"kind": "transform", "key": "list", "expression": "['a', 'b', 'c']", "inputs": {"letter": "$letter"}}


def within(company: Company, *nodes: dict[str, Any], read: str = "$letter") -> dict[str, Any]:
    """A call that runs a workflow of these nodes."""
    version = make_version(company, "workflow", graph(*nodes))
    return {"kind": "subrun", "workflow": pin(version), "inputs": {"letter": read}}


def for_each(company: Company, *nodes: dict[str, Any], at_once: int) -> list[dict[str, Any]]:
    """A list, and a workflow of these nodes for each of its three items."""
    each = within(company, *nodes, read="@item")
    return [LIST, {"kind": "map", "key": "all", "over": "list", "each": each, "at_once": at_once}]
