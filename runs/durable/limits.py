"""Setting how much of a provider or an HTTP endpoint an organisation may ask for."""

from django.db import transaction

from governance.access.owners import locked_for_owner
from governance.accounts.models import Organisation, User
from governance.errors import Invalid
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import slug
from runs.durable.room import forget, look_again
from runs.providers.models import Limit

LONGEST_NAME = 40
MOST = 1_000_000


@transaction.atomic
def set_limit(
    organisation: Organisation,
    *,
    actor: User,
    kind: Limit.Kind,
    name: str,
    per_minute: int | None,
    at_once: int | None,
) -> Limit:
    """From now on at most so many calls begin in a minute, and so many are made at once; None is no limit.

    `per_minute` is an average: after a rest, a sixth of it may begin together. What waits for room looks
    again. Raises `NotAllowed` for others than platform owners, `Invalid` for a count that is not between 1
    and 1,000,000.
    """
    organisation = locked_for_owner(organisation, actor=actor)
    name = slug(name, longest=LONGEST_NAME)
    _check(per_minute=per_minute, at_once=at_once)
    asked = {"per_minute": per_minute, "at_once": at_once}
    found, _ = Limit.objects.update_or_create(
        organisation=organisation, kind=Limit.Kind(kind).value, name=name, defaults=asked
    )
    record(
        Kind.LIMIT_SET,
        actor=actor,
        organisation=organisation.pk,
        about=("limit", found.pk),
        details={"kind": found.kind, "name": name, **asked},
    )
    look_again(found.pk)
    forget()
    transaction.on_commit(forget)
    return found


def _check(**counts: int | None) -> None:
    for field, count in counts.items():
        if count is not None and not 1 <= count <= MOST:
            message = f"Between 1 and {MOST:,}, or nothing for no limit."
            raise Invalid(f"{field}: {message}", fields={field: message})
