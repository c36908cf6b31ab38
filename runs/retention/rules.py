"""Setting how long contents of a class are kept."""

from typing import Final

from django.db import transaction

from governance.access.gate import authorise_owner
from governance.accounts.models import Organisation, User
from governance.errors import Invalid, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import storable
from governance.proof.standing import refuse_unless_standing
from runs.artifacts.models import Artifact
from runs.retention.models import FEWEST_DAYS, MOST_DAYS, Rule

LONGEST_REASON: Final = 2_000


@transaction.atomic
def set_rule(
    organisation: Organisation, *, actor: User, classification: str, days: int | None, reason: str
) -> Rule:
    """From now on contents of the class are removed so many days after their last use; None keeps them.

    Raises `NotVisible` or `NotAllowed` for who does not own the organisation, `Invalid` for a class that is
    none, less than 183 days or no reason, `WrongState` when this is the rule already.
    """
    authorise_owner(actor, organisation=organisation)
    refuse_unless_standing(organisation.pk)
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing="Say why.")
    if classification not in Artifact.Classification.values:
        raise Invalid("There is no such class.", fields={"classification": "Choose one of those listed."})
    if days is not None and not FEWEST_DAYS <= days <= MOST_DAYS:
        words = f"Contents are kept for {FEWEST_DAYS} to {MOST_DAYS:,} days."
        raise Invalid(words, fields={"days": words})
    own = Rule.objects.counting().filter(organisation=organisation, classification=classification).first()
    if days == (own.days if own else None):
        raise WrongState("This is the rule already.")
    rule = Rule.objects.create(
        organisation=organisation, classification=classification, days=days, reason=reason, by=actor,
        by_name=actor.name,
    )  # fmt: skip
    record(
        Kind.RETENTION_SET,
        actor=actor,
        organisation=organisation.pk,
        about=("retention", rule.pk),
        details={
            "classification": classification,
            "kept": f"{days} days after their last use" if days else "without end",
            "reason": reason,
        },
    )
    return rule
