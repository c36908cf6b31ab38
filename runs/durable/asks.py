"""What a workflow asks from a node on: its own calls, and those of the workflows that it runs."""

from collections.abc import Iterator

from governance.catalog.nodes import calls_of
from governance.releases.outward import Outward, asked_by
from runs.durable.outward import from_on, within
from runs.durable.plans import Plan


def asked_from(plan: Plan, start: str) -> list[Outward]:
    """Each endpoint and provider, once for each node, with the versions that the plan puts in place."""
    return list(dict.fromkeys(_asked(plan, start)))


def _asked(plan: Plan, start: str) -> Iterator[Outward]:
    for node in from_on(plan.workflow, start):
        pinned = [models[node.key] for models in (plan.models, plan.fallbacks) if node.key in models]
        providers = [model.content.provider for model in pinned]
        for call in calls_of(node):
            yield from (Outward("", node.key, kind, name) for kind, name in asked_by(call, providers))
        if inner := within(plan, node.key):
            yield from asked_from(inner, inner.workflow.start)
