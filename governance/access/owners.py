"""Acting as a platform owner: one acts on an organisation at a time, and it never loses its last one."""

from governance.access.gate import authorise_owner
from governance.accounts.models import Organisation, User
from governance.errors import WrongState


def locked_for_owner(organisation: Organisation, *, actor: User) -> Organisation:
    """The organisation, locked and only then authorised for: what the actor may do is asked after waiting.

    Raises `NotVisible` or `NotAllowed` for others than its platform owners and the set-up.
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    authorise_owner(actor, organisation=organisation)
    return organisation


def check_an_owner_stays(organisation: Organisation, *, without: User) -> None:
    """Raises `WrongState` when nobody else is left who owns the organisation and may sign in.

    The caller holds the lock of the organisation, so that two cannot leave it at once.
    """
    able = set(organisation.owners.filter(is_active=True).values_list("pk", flat=True))
    if able == {without.pk}:
        raise WrongState("An organisation needs a platform owner: add another first.")
