"""What an output is called on every page: what its step does, and for which case."""

from runs.records.models import Step


def title_of(step: Step) -> str:
    """ "Draft reply for CASE-88213", or "Draft reply" without a reference. Wants the step's run loaded."""
    words = step.node.replace("_", " ").capitalize()
    return f"{words} for {step.run.reference}" if step.run.reference else words
