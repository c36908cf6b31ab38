"""To which environments an HTTP endpoint or a provider of models is open, set by platform owners.

What nobody has set is open by its kind. An endpoint may be where money moves: it is open to environments
that are not protected, and to a protected one only once a platform owner has said so. A provider answers
questions: it is open to all until somebody says otherwise.
"""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from governance.access.owners import locked_for_owner
from governance.accounts.models import Organisation, User
from governance.errors import Invalid, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import slug, storable
from governance.proof.standing import refuse_unless_standing
from governance.releases.models import Environment, Opening

LONGEST_NAME = 40
ELSEWHERE = "One of the environments is not the organisation's."


@transaction.atomic
def set_opening(
    organisation: Organisation,
    *,
    actor: User,
    kind: Opening.Kind,
    name: str,
    environments: Collection[Environment],
    reason: str,
) -> Opening:
    """From the next call on it is open to exactly these environments.

    Raises `NotAllowed` for others than platform owners, `Invalid` for a name that cannot be one, another
    organisation's environment or no reason, `WrongState` when it is open to exactly these already.
    """
    organisation = locked_for_owner(organisation, actor=actor)
    name = slug(name, field="name", longest=LONGEST_NAME)
    reason = storable(reason, field="reason", longest=1000, missing="Say why.")
    chosen = _in_order(environments, organisation)
    before = opening_of(organisation.pk, kind, name)
    if before is not None and set(before.environments) == {found.pk for found in chosen}:
        raise WrongState(f"{name} is open to exactly these environments already.")
    if len(open_to(before, kind, chosen)) < len(chosen):
        refuse_unless_standing(organisation.pk)  # shutting it stays possible
    opening = Opening.objects.create(
        organisation=organisation,
        kind=Opening.Kind(kind).value,
        name=name,
        number=1 if before is None else before.number + 1,
        environments=[found.pk for found in chosen],
        reason=reason,
        set_by=actor,
        set_by_name=actor.name,
    )
    _record(opening, chosen, actor)
    return opening


def _in_order(environments: Collection[Environment], organisation: Organisation) -> list[Environment]:
    """Each once. Raises `Invalid` for another organisation's."""
    if any(found.organisation_id != organisation.pk for found in environments):
        raise Invalid(ELSEWHERE, fields={"environments": ELSEWHERE})
    return sorted(set(environments), key=lambda found: (found.rank, found.slug))


def _record(opening: Opening, environments: Collection[Environment], actor: User) -> None:
    record(
        Kind.OPENING_SET,
        actor=actor,
        organisation=opening.organisation_id,
        about=("opening", opening.pk),
        details={
            "kind": opening.kind,
            "name": opening.name,
            "number": opening.number,
            "environments": [found.slug for found in environments],
            "reason": opening.reason,
        },
    )


def opening_of(organisation: UUID, kind: str, name: str) -> Opening | None:
    """What was set last; None when nobody has set anything."""
    return Opening.objects.filter(organisation=organisation, kind=kind, name=name).first()


def is_open(kind: str, name: str, *, organisation: UUID, environment: UUID) -> bool:
    """Whether runs of the organisation in the environment may ask it now; asked of the database each time."""
    opening = opening_of(organisation, kind, name)
    if opening is not None:
        return environment in opening.environments
    return (
        kind == Opening.Kind.PROVIDER
        or Environment.objects.filter(pk=environment, organisation=organisation, protected=False).exists()
    )


def open_to(opening: Opening | None, kind: str, environments: Collection[Environment]) -> list[Environment]:
    """Those of the environments that it is open to, by what was set, or by its kind when nothing was."""
    if opening is not None:
        return [found for found in environments if found.pk in opening.environments]
    return [found for found in environments if kind == Opening.Kind.PROVIDER or not found.protected]
