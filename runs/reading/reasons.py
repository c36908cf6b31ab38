"""What protected contents may be asked for, and the words that must be given for it."""

from collections.abc import Iterable
from typing import Final

from governance.errors import Invalid
from governance.ledger.text import storable

PURPOSES: Final = {
    "legal": "A question of law, or a claim",
    "audit": "An audit",
    "complaint": "A complaint",
    "authority": "A request by an authority",
    "review": "A review of our own",
}
SHORTEST_REASON, LONGEST_REASON = 10, 1000


def purpose_among(purposes: Iterable[str], purpose: str, *, missing: str) -> str:
    """The purpose. Raises `Invalid`, saying `missing`, for none of these."""
    if purpose not in purposes:
        raise Invalid(missing, fields={"purpose": missing})
    return purpose


def reason_given(reason: str) -> str:
    """The reason as it is kept. Raises `Invalid` for one of fewer than ten letters."""
    told = storable(reason, field="reason", longest=LONGEST_REASON, missing="Say why it is needed.")
    if len(told) < SHORTEST_REASON:
        short = f"Say why it is needed, in {SHORTEST_REASON} letters or more."
        raise Invalid(short, fields={"reason": short})
    return told
