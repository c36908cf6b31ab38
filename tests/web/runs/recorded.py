"""Runs that went through the engine, for the pages to show."""

from governance.catalog.models import Version
from runs.records.models import Run, Step
from tests.factories.cast import Company
from tests.factories.forks import fork_of
from tests.factories.runs import LETTER, begin, chain, complaint, finish, personal, released
from tests.factories.things import make_prompt

EXPERIMENT = "Experiment: runs versions that nobody approved"


def answered(
    company: Company, letter: str = LETTER, reference: str = "CASE-1", *, protected: bool = False
) -> Run:
    """A complaint that went all the way, in production; its letter may be personal data.

    Wants the model's endpoint (`serving`).
    """
    content = complaint(company)
    release = released(company, personal(content) if protected else content, environment=company.production)
    return finish(begin(company, release, letter=letter, reference=reference))


def quick(company: Company, count: int = 1, *, steps: int = 1) -> list[Run]:
    """Runs of a workflow without a model."""
    release = released(company, chain(steps))
    return [finish(begin(company, release, reference=f"CASE-{number}")) for number in range(count)]


def waiting(company: Company) -> Run:
    """A run that no worker has taken up."""
    return begin(company, released(company, chain(2)), reference="CASE-W")


def failed(company: Company) -> Run:
    """A run whose step failed, since its function always does."""
    return finish(
        begin(company, released(company, chain(2, function="returns@1", what="raise")), reference="CASE-F")
    )


def undone(company: Company) -> Run:
    """A run whose second step failed, so that what its first one did was undone."""
    content = chain(2)
    first, second = content["nodes"]
    call = {"kind": "function", "function": "nothing@1", "inputs": {"text": "$letter"}}
    content["nodes"] = [
        {**first, "compensate": call},
        {**second, "function": "returns@1", "settings": {"what": "raise"}},
    ]
    return finish(begin(company, released(company, content), reference="CASE-U"))


def step_of(run: Run, node: str) -> Step:
    """The step of a node."""
    return Step.objects.get(run=run, node=node)


def other_prompt(company: Company, run: Run) -> Version:
    """Another version of the prompt with which the run's summary was asked for."""
    pinned = step_of(run, "summarise").prompt_version
    assert pinned is not None
    return make_prompt(company, asset=pinned.asset, text="In one word.")


def experiment(company: Company) -> tuple[Run, Run, Version]:
    """A run in production, its fork with another prompt in development, and that prompt."""
    run = answered(company)
    other = other_prompt(company, run)
    fork = fork_of(
        run,
        actor=company.operator,
        position=2,
        reason="Try it.",
        overrides={"summarise": {"prompt": other}},
        environment=company.development,
    )
    return run, finish(fork), other
