"""What an operator may do to a run at this moment: the buttons of its page, and the dialogs behind them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final
from uuid import uuid4

from runs.durable.cancel import may_cancel
from runs.durable.machine import State
from runs.durable.pause import may_continue, may_pause
from runs.durable.resume import RESUMABLE, attempts_when_resumed, may_resume
from runs.durable.retry_compensation import may_retry_compensation
from runs.durable.retry_now import may_retry_now
from runs.durable.review import may_review
from runs.records.models import Run
from runs.replay.fitting import may_replay

OVER: Final = frozenset({State.SUCCEEDED, State.CANCELLED, State.COMPENSATED})


@dataclass(frozen=True)
class Offer:
    """One act. `name` is its route's and its dialog's; `reason` and `output` label the fields it wants.

    What is `keyed` starts a run.
    """

    name: str
    label: str
    icon: str
    title: str
    says: str
    verb: str
    allowed: Callable[[Run], bool]
    reason: str = ""
    output: str = ""
    of_part: bool = False
    primary: bool = False
    danger: bool = False
    keyed: bool = False

    @property
    def new_key(self) -> str:
        """A key for the form that is handed out, so that sending it twice starts one run."""
        return f"page-{uuid4()}"

    @property
    def route(self) -> str:
        """The name of its address."""
        return f"runs:{self.name}"


OFFERS: Final = (
    Offer(
        "resume",
        "Resume",
        "player-play",
        "Let this run go on?",
        "The steps that succeeded stay as they are. The step that failed is attempted again, with exactly "
        "the versions that the run was started with.",
        "Resume the run",
        may_resume,
        reason="What was wrong, and what has changed?",
        primary=True,
    ),
    Offer(
        "continue",
        "Continue",
        "player-play",
        "Let this run go on?",
        "It goes on with its parts where it was held up. An attempt that was put off is made at once.",
        "Continue the run",
        may_continue,
        primary=True,
    ),
    Offer(
        "retry-now",
        "Try now",
        "refresh",
        "Make the next attempt now?",
        "It is not waited for any longer. Attempts are counted on.",
        "Try now",
        may_retry_now,
        of_part=True,
        primary=True,
    ),
    Offer(
        "record-effect",
        "Record what it did",
        "check",
        "Did the step take effect?",
        "Look at the other side first. The step is recorded as succeeded with this output, by you and for "
        "this reason, and the run goes on after it.",
        "Record it",
        may_review,
        reason="How do you know?",
        output="Its output, as JSON",
        of_part=True,
        primary=True,
    ),
    Offer(
        "repeat-step",
        "Repeat the step",
        "refresh",
        "Attempt this step once more?",
        "Do so when it took no effect, or may safely do so twice.",
        "Repeat the step",
        may_review,
        reason="How do you know?",
        of_part=True,
    ),
    Offer(
        "retry-compensation",
        "Undo again",
        "refresh",
        "Try again to undo what is left?",
        "It begins with the last step that has not been undone.",
        "Undo what is left",
        may_retry_compensation,
        of_part=True,
        primary=True,
    ),
    Offer(
        "pause",
        "Pause",
        "player-pause",
        "Hold this run up?",
        "It stops with its parts: at once, or after the step in hand. A deadline goes on.",
        "Pause the run",
        may_pause,
        reason="Reason",
    ),
    Offer(
        "cancel",
        "Cancel",
        "x",
        "Cancel this run?",
        "It ends for good, with its parts. What it recorded stays. Where its workflow says how steps are "
        "undone, they are undone. A step that is being executed is finished before.",
        "Cancel the run",
        may_cancel,
        reason="Reason",
        danger=True,
    ),
    Offer(
        "replay",
        "Run again",
        "refresh",
        "Run this once more?",
        "A new run executes the very same versions on the very same inputs, so that the two can be compared. "
        "A workflow that changes something outside is not run again.",
        "Run it again",
        may_replay,
        reason="Reason",
        keyed=True,
    ),
)


def offers_of(run: Run, *, operates: bool, paused_parts: bool = False) -> list[Offer]:
    """What this person may do now. Most acts are on a whole run, and its parts follow."""
    if not operates:
        return []
    possible = [offer for offer in OFFERS if run.parent_id is None or offer.of_part]
    also = {"continue"} if paused_parts else set()
    return [offer for offer in possible if offer.name in also or offer.allowed(run)]


def dialogs_of(run: Run, *, operates: bool) -> list[Offer]:
    """The dialogs that may be needed while the page stays open: the state changes under it."""
    if not operates:
        return []
    possible = [_counted(offer, run) for offer in OFFERS if run.parent_id is None or offer.of_part]
    return [offer for offer in possible if offer.allowed(run)] if run.state in OVER else possible


def _counted(offer: Offer, run: Run) -> Offer:
    """Of a stopped run that may be resumed, with how often its step is attempted then."""
    most = attempts_when_resumed(run) if offer.allowed is may_resume and run.state in RESUMABLE else 1
    return offer if most == 1 else replace(offer, says=f"{offer.says} It gets up to {most} attempts.")
