"""What becomes of drafted replies: people correct them, they are sent, one waits, one is withdrawn.

Every step is taken where its run stands, so a telling that was interrupted goes on where it was.
"""

from dataclasses import dataclass

from governance.access.permissions import Role
from governance.catalog.models import Asset
from portal.demo import answering
from portal.demo.cast import Cast
from portal.demo.letters import all_letters
from portal.demo.play import settled
from portal.demo.releasing import asset, put_into_effect, released, version
from runs.artifacts.models import Artifact
from runs.artifacts.opening import bytes_of
from runs.durable.cancel import cancel_run
from runs.durable.decide import decide
from runs.durable.machine import ENDED
from runs.durable.signal import send_signal
from runs.durable.start import Document, start_run
from runs.people.models import Task
from runs.records.models import Run

FIRST_ANSWER = """Dear Ms Holm,

I am sorry that your card was charged twice, and that nobody answered your two
messages. The Cards desk has your letter and looks into both charges; you will
hear from them within five working days. The form is on its way to you by post.

Ines Calder, Northwind Bank"""
SECOND_ANSWER = """Dear customer,

I apologise for the ninety minutes that you spent in our queue. Somebody from
Digital services will ring you before Friday noon about your daily limit.

Ines Calder, Northwind Bank"""
THIRD_ANSWER = """Dear customer,

you ask why a transfer to Switzerland cost 25 euros when your price list said 9.
The Accounts desk compares the two and answers within five working days. Your
letter also spoke to our computer; it was read by a person.

Ines Calder, Northwind Bank"""


@dataclass(frozen=True)
class Script:
    """What happens to the answer to one letter; whatever is empty has not happened yet.

    `letter` counts from 0; `writer` is the letter whose writer's number was given with it, right or wrong.
    """

    letter: int
    writer: int
    answer: str = ""
    reason: str = ""
    sent_by: str = ""
    withdrawn: str = ""

    @property
    def key(self) -> str:
        """By which its run is found again."""
        return f"answer-{self.letter + 1}"


SCRIPTS = (
    Script(0, 0, FIRST_ANSWER, "She is told which desk looks into it, and by when.", sent_by="post"),
    Script(1, 0, SECOND_ANSWER, "He is told who rings him, and by when.", sent_by="telephone"),
    Script(3, 3, THIRD_ANSWER, "They are told that the price list is looked at, and by when."),
    Script(4, 4, withdrawn="The customer rang: the card works again, and the complaint is taken back."),
    Script(2, 2),
)
MISTAKEN = SCRIPTS[1]


def release_answers(cast: Cast) -> Asset:
    """The workflow, approved and in effect in production. Safe to repeat."""
    workflow = asset(cast, Asset.Kind.WORKFLOW, answering.SLUG, answering.PURPOSE)
    one = version(cast, workflow, 1, answering.content(), "First version")
    notes = "A person corrects every reply; a case that is withdrawn leaves the register struck"
    release = released(cast, one, notes, "The desk keeps the last word, and the register stays true.")
    put_into_effect(cast, release, reason="From today the desk answers here.")
    return workflow


def tell(cast: Cast, workflow: Asset, script: Script, reply: Artifact) -> Run:
    """Begin the answer, or find it, and take it as far as the script goes; returns where it stands."""
    run = settled(_begun(cast, workflow, script, reply).pk)
    if script.answer and run.waits_for == Run.WaitsFor.PERSON:
        task = Task.objects.undecided().get(run=run)
        approver = cast.people[Role.APPROVER]
        decide(task, actor=approver, decision=Task.EDITED, reason=script.reason, value=script.answer)
        run = settled(run.pk)
    operator = cast.people[Role.OPERATOR]
    if script.sent_by and run.waits_for == Run.WaitsFor.EVENT:
        payload = {"by": script.sent_by}
        send_signal(run, actor=operator, name=answering.SENT, key=script.key, payload=payload)
        run = settled(run.pk)
    if script.withdrawn and run.state not in ENDED:
        cancel_run(run, actor=operator, reason=script.withdrawn)
        run = settled(run.pk)
    return run


def _begun(cast: Cast, workflow: Asset, script: Script, reply: Artifact) -> Run:
    if found := Run.objects.filter(workflow=workflow, idempotency_key=script.key).first():
        return found
    letters = all_letters()
    letter = letters[script.letter]
    run, _ = start_run(
        workflow,
        actor=cast.people[Role.OPERATOR],
        environment=cast.environments["production"],
        inputs={
            "case": letter.reference,
            "customer": letters[script.writer].customer,
            "letter": Document(letter.filename, letter.body),
            "reply": Document("drafted reply.txt", bytes_of(reply)),
        },
        reference=letter.reference,
        idempotency_key=script.key,
        origin=Run.Origin.COMMAND,
    )
    return run
