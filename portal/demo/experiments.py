"""What was tried with a run that is over: another prompt from the middle on, and the same once more.

Nothing of it changes the run. Who tried it goes over its records, and over those of the replay; what an
auditor would find is left to whoever signs in as one.
"""

from typing import Final

from governance.access.permissions import Role
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from portal.demo import handling
from portal.demo.cast import Cast
from portal.demo.play import settled
from portal.demo.story import reply_prompt
from runs.records.models import Run, Step
from runs.replay.fork import fork_run, replay_run
from runs.replay.verify import verify_run

FORK: Final = "fork-1"
REPLAY: Final = "replay-1"
TRIED: Final = "Would the third prompt answer her better?"
AGAIN: Final = "Does the same letter still get the same reply?"


def fork(cast: Cast, source: Run) -> Run:
    """The reply drafted anew by the third version of the prompt, which nobody has approved."""
    if found := _told(cast, FORK):
        return found
    third = reply_prompt(cast).versions.get(number=3)
    drafting = Step.objects.get(run=source, node=handling.DRAFT, state=Step.State.SUCCEEDED)
    made, _ = fork_run(
        source,
        actor=cast.people[Role.OPERATOR],
        position=drafting.position,
        reason=TRIED,
        overrides={handling.DRAFT: {"prompt": third}},
        environment=cast.environments["development"],
        idempotency_key=FORK,
    )
    return made


def replay(cast: Cast, source: Run) -> Run:
    """The pinned versions once more on the recorded inputs."""
    if found := _told(cast, REPLAY):
        return found
    made, _ = replay_run(source, actor=cast.people[Role.OPERATOR], reason=AGAIN, idempotency_key=REPLAY)
    return made


def verify(cast: Cast, source: Run) -> None:
    """Once both have ended: the records of the replay and of what it was made from are gone over."""
    settled(fork(cast, source).pk)
    again = settled(replay(cast, source).pk)
    both = Run.objects.filter(pk__in=[again.pk, again.source_id]).select_related("project", "release")
    for run in both.order_by("id"):
        if not Event.objects.of_run(run.pk).filter(kind=Kind.RUN_VERIFIED).exists():
            verify_run(run, actor=cast.people[Role.OPERATOR])


def _told(cast: Cast, key: str) -> Run | None:
    """The run that an earlier telling began."""
    return Run.objects.filter(project=cast.project, idempotency_key=key).first()
