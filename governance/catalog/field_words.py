"""What each field of a definition means, as editors show it beside the field.

By the field's name, which means the same in every part; where it does not, by "Part.name".
"""

from typing import Any, Final

REFERENCE: Final = "`$name` for an input of the run, a node's key for what that node made"
WORDS: Final[dict[str, str]] = {
    "WorkflowContent.inputs": "The documents and values that a run is started with.",
    "WorkflowContent.nodes": "The steps, choices, fan-outs and waits, each with a key of its own.",
    "WorkflowContent.start": "The key of the node that a run begins with.",
    "WorkflowContent.output": "The key of the node whose output is that of the run.",
    "WorkflowContent.deadline_s": "So many seconds from its start a run must have ended, waits included.",
    "WorkflowContent.on_failure": "What follows when a step has failed for good: `undo` undoes at once what "
    "earlier steps did and say how to undo, `hold` leaves the run to an operator, who resumes or cancels it.",
    "Input.name": "By this name, after a `$`, nodes read the input.",
    "Input.media_type": "Text, or a JSON value.",
    "Input.classification": "How the input is to be treated, and what is made from it, unless a node "
    "says otherwise.",
    "Input.max_bytes": "A run is not started with more bytes than this.",
    "Input.value_schema": "A JSON Schema that a JSON value must fit, or the run is not started.",
    "key": "The name of the node in this workflow; other nodes read by it what this one made.",
    "Recall.key": "Under which key the value stands in memory: a text, or a reference to one.",
    "Remember.key": "Under which key the value is left in memory: a text, or a reference to one.",
    "namespace": "The group of values in memory that the key is one of.",
    "Remember.path": "What to leave of the output: a path into it; all of it when empty.",
    "next": "The key of the node that follows; without one the run ends here.",
    "Case.next": "The key of the node that follows when the value is this text.",
    "equals": "The way is taken when the value is exactly this text.",
    "kind": "What the node or call does.",
    "inputs": f"What is read, by the name under which it is given: {REFERENCE}, each with a path into it.",
    "HumanTaskNode.inputs": f"What the person is shown, by name: {REFERENCE}, each with a path into it.",
    "classification": "How the output is to be treated; when it is not said, as the most protected of what "
    "was read.",
    "retry": "How a failed attempt is repeated; without it a step is attempted once, and what undoes one "
    "five times.",
    "timeout_s": "One attempt may take so many seconds from its start to its end.",
    "WaitEventNode.timeout_s": "The signal is waited for so many seconds.",
    "HumanTaskNode.timeout_s": "The decision is waited for so many seconds.",
    "on_timeout": "The key of the node at which the run goes on when nothing came in time; without one it "
    "fails.",
    "start_within_s": "The attempt must begin within so many seconds from when it could.",
    "effect": "What the call does outside: `none` may be repeated freely, `idempotent` is given a key that "
    "stays the same over attempts, `unsafe` is never repeated on its own.",
    "irreversible": "Why nothing can undo an `unsafe` call.",
    "compensate": "The call that undoes this one when the run fails or is cancelled later.",
    "recall": "Values from memory that are given to the call beside its inputs, by name.",
    "remember": "Where the output is left in memory with the step's commit, for later runs.",
    "function": "A registered function, as name@version.",
    "FunctionCall.settings": "Fixed values that the function is given beside what is read.",
    "FunctionNode.settings": "Fixed values that the function is given beside what is read.",
    "HttpCall.settings": "Fixed values that are sent beside what is read.",
    "HttpNode.settings": "Fixed values that are sent beside what is read.",
    "prompt": "The prompt that is rendered, as slug@number.",
    "model": "The model that is asked, as slug@number.",
    "fallback": "The model that is asked when the first one's provider fails, as slug@number.",
    "output_schema": "A JSON Schema that the answer must fit; the output is then a JSON value.",
    "reask": "How often an answer that does not fit is handed back to the model with what is wrong.",
    "max_tokens": "The answer has at most so many tokens.",
    "endpoint": "An endpoint that the installation names and a platform owner has opened.",
    "method": "The HTTP method; GET changes nothing outside, the others do unless `effect` says otherwise.",
    "path": "The path at the endpoint; `{name}` stands for what is read under that name.",
    "expression": "A JMESPath expression over an object of what is read.",
    "workflow": "The workflow that is run, as slug@number.",
    "on": f"The value that is looked at: {REFERENCE}, with a path into it.",
    "cases": "The ways out, the first that fits is taken.",
    "default": "The key of the node that follows when no case fits; without one the run fails.",
    "over": f"The list: {REFERENCE}, with a path into it.",
    "each": "The call that is made for each item; it reads it as `@item` and its place, from 0, as `@index`.",
    "at_once": "So many items are worked on side by side.",
    "most_items": "With more items than this the step fails.",
    "seconds": "Wait so long.",
    "until": f"Wait until this moment (ISO 8601, with its zone): {REFERENCE}, with a path into it.",
    "event": "The name of the signal; its payload is the output.",
    "task": "`approve` makes {approved, comment}, which a later node must read; `choose` makes {choice, "
    "comment}; `edit` makes the corrected text or value.",
    "title": "What people are asked, in a line.",
    "instructions": "What they should know or do first.",
    "subject": f"What is approved or edited: {REFERENCE}, with a path into it. The original is kept.",
    "choices": "What can be chosen.",
    "team": "Who is asked: a team's name or slug; without one whoever operates the project's runs.",
    "escalate_to": "The team that is asked as well when nobody has decided for a while.",
    "escalate_after_s": "After so many seconds that team is asked as well.",
    "attempts": "How many attempts are made in all.",
    "first_delay_ms": "The longest pause before the second attempt, in milliseconds.",
    "factor": "By how much the longest pause grows with each attempt.",
    "cap_ms": "No pause is longer, in milliseconds, unless a provider asks for it.",
    "never": "Codes of failures that are final whatever is left.",
}


def described(part: str, fields: dict[str, Any]) -> None:
    """Puts the words beside each field of a part of a JSON Schema that has none."""
    for name, field in fields.items():
        field.setdefault("description", WORDS.get(f"{part}.{name}") or WORDS[name])
