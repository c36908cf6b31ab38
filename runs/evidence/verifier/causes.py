"""Why a bundle does not hold: each cause is an exit code of `verify.py`, and none ever changes its number."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final

MOST_FINDINGS: Final = 100


class Cause(IntEnum):
    """In the order in which they are named: of several findings the lowest is the exit code."""

    HOLDS = 0
    USAGE = 2
    ZIP = 10
    LIMIT = 11
    JSON = 12
    PARTS = 13
    ENVELOPE_SIGNATURE = 20
    SIGNER_UNKNOWN = 21
    PAYLOAD_TYPE = 22
    SIGNER_RANGE = 23
    CHECKPOINT_FORM = 30
    OTHER_ORIGIN = 31
    CHECKPOINT_SIGNATURE = 32
    LOG_KEY_UNKNOWN = 33
    LOG_KEY_RANGE = 34
    QUORUM = 35
    COSIGNED_IN_FUTURE = 36
    FORK_OR_ROLLBACK = 37
    CONSISTENCY = 38
    RECORD_ALTERED = 40
    INCLUSION = 41
    INNER_NODE = 42
    EVENT_SET = 43
    OTHER_SUBJECT = 44
    CONTENT_ALTERED = 50
    OUTPUT = 51
    DISCLOSURE = 52
    RELATION = 53


MEANINGS: Final = {
    Cause.HOLDS: "the evidence holds",
    Cause.USAGE: "the command or the policy cannot be read",
    Cause.ZIP: "not a plain zip file, or one made to do harm",
    Cause.LIMIT: "larger than a bundle may be",
    Cause.JSON: "malformed JSON, or a key twice in one object",
    Cause.PARTS: "a part is missing, or one is there that the statement does not name",
    Cause.ENVELOPE_SIGNATURE: "the signature over the statement is wrong",
    Cause.SIGNER_UNKNOWN: "the statement is signed by a key that the policy does not name",
    Cause.PAYLOAD_TYPE: "the statement is of another type",
    Cause.SIGNER_RANGE: "the statement's key was not in force at this size of the log",
    Cause.CHECKPOINT_FORM: "the checkpoint is not in its one form",
    Cause.OTHER_ORIGIN: "the checkpoint is of another log",
    Cause.CHECKPOINT_SIGNATURE: "the signature over the checkpoint is wrong",
    Cause.LOG_KEY_UNKNOWN: "the checkpoint is signed by no key that the policy names",
    Cause.LOG_KEY_RANGE: "the log's key was not in force at this size of the log",
    Cause.QUORUM: "too few witnesses have seen the checkpoint",
    Cause.COSIGNED_IN_FUTURE: "a witness's time lies in the future",
    Cause.FORK_OR_ROLLBACK: "the checkpoint contradicts, or is older than, the one that the policy trusts",
    Cause.CONSISTENCY: "nothing shows that the checkpoint continues the one that the policy trusts",
    Cause.RECORD_ALTERED: "a record was altered, or is not in its one form",
    Cause.INCLUSION: "a record is not in the log at the place that is claimed",
    Cause.INNER_NODE: "an inner node of the tree is passed off as a record",
    Cause.EVENT_SET: "records are missing, doubled, added or out of order",
    Cause.OTHER_SUBJECT: "a record has nothing to do with what the bundle is about",
    Cause.CONTENT_ALTERED: "a content or the report does not have the digest that is stated",
    Cause.OUTPUT: "an output was replaced or left out",
    Cause.DISCLOSURE: "a disclosure is forged, or the statement does not name it",
    Cause.RELATION: "the statement says what no record of the log says, or leaves out what one says",
}


class Failed(Exception):
    """One finding: its cause, and a sentence that names what was found."""

    def __init__(self, cause: Cause, said: str) -> None:
        super().__init__(said)
        self.cause, self.said = cause, said


@dataclass
class Findings:
    """What was found wrong so far, the first hundred."""

    found: list[Failed] = field(default_factory=list)

    def add(self, cause: Cause, said: str) -> None:
        """One more."""
        if len(self.found) < MOST_FINDINGS:
            self.found.append(Failed(cause, said))

    def attempt(self, step: Callable[..., Any], *arguments: Any) -> Any:
        """What the step returns; None, and one more finding, when it fails."""
        try:
            return step(*arguments)
        except Failed as problem:
            self.add(problem.cause, problem.said)
            return None
