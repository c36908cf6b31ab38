"""What a workflow asks from a node on: its own calls, and those of the workflows that it runs."""

from collections.abc import Iterator

from governance.catalog.calls import HttpCall, LlmCall
from governance.catalog.nodes import calls_of
from governance.releases.models import Opening
from governance.releases.outward import Outward
from runs.durable.outward import from_on, within
from runs.durable.plans import Plan


def asked_from(plan: Plan, start: str) -> list[Outward]:
    """Each endpoint and provider, once for each node, with the versions that the plan puts in place."""
    return list(dict.fromkeys(_asked(plan, start)))


def _asked(plan: Plan, start: str) -> Iterator[Outward]:
    for node in from_on(plan.workflow, start):
        for call in calls_of(node):
            if isinstance(call, HttpCall):
                yield Outward("", node.key, Opening.Kind.ENDPOINT, call.endpoint)
            if isinstance(call, LlmCall):
                used = [models[node.key] for models in (plan.models, plan.fallbacks) if node.key in models]
                for model in used:
                    yield Outward("", node.key, Opening.Kind.PROVIDER, model.content.provider)
        if inner := within(plan, node.key):
            yield from asked_from(inner, inner.workflow.start)
