"""A register of complaints, and what is known of those who complain.

What these make is kept in memory by the steps that call them.
"""

from typing import Any

from runs.functions.registry import step_function

LONGEST_QUOTE = 160


@step_function("recognise_customer", version=1, takes={"customer", "known"})
def recognise_customer(*, customer: Any, known: Any) -> dict[str, Any]:
    """Say in words what is remembered of the customer: the letters answered, and the last answer."""
    letters, last = _letters(known), known.get("last_answer", "") if isinstance(known, dict) else ""
    if not letters:
        return {"customer": customer, "letters": 0, "words": f"{customer} has not written before."}
    words = f"{customer} has written {letters} time{'s' if letters > 1 else ''} before. Last answer: “{last}”"
    return {"customer": customer, "letters": letters, "words": words}


@step_function("open_entry", version=1, takes={"case", "customer"})
def open_entry(*, case: Any, customer: Any) -> dict[str, Any]:
    """Enter the complaint in the register."""
    return {"case": case, "customer": customer, "state": "open"}


@step_function("strike_entry", version=1, takes={"entry"})
def strike_entry(*, entry: Any) -> dict[str, Any]:
    """Strike an entry of the register: the complaint is not pursued."""
    return {**entry, "state": "struck"}


@step_function("close_entry", version=1, takes={"entry", "sent"})
def close_entry(*, entry: Any, sent: Any) -> dict[str, Any]:
    """Close an entry of the register, with how the answer was sent."""
    return {**entry, "state": "answered", "sent": sent}


@step_function("note_answer", version=1, takes={"customer", "known", "case", "answer"})
def note_answer(*, customer: Any, known: Any, case: Any, answer: Any) -> dict[str, Any]:
    """Note one more answered letter of the customer, with the beginning of the answer."""
    text = " ".join(str(answer).split())
    quote = text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE].rsplit(' ', 1)[0]} …"
    return {"customer": customer, "letters": _letters(known) + 1, "last_case": case, "last_answer": quote}


def _letters(known: Any) -> int:
    """How many letters were answered before; none where nothing is remembered."""
    return int(known["letters"]) if isinstance(known, dict) else 0
