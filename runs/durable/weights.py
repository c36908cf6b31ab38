"""Setting how much of the workers an organisation is due."""

from django.db import transaction

from governance.access.gate import authorise_installation
from governance.accounts.models import Organisation, User
from governance.errors import Invalid
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from runs.records.weights import HEAVIEST, Weight


@transaction.atomic
def set_weight(organisation: Organisation, *, actor: User, weight: int) -> Weight:
    """From now on the organisation is due so many times as much of the workers as one that weighs 1.

    It counts only where several have runs that wait: nobody is kept from what is free. It is held against the
    other organisations, so it is the installation's to set, by `manage.py set_weight`. Raises `NotAllowed`
    for others than the set-up, `Invalid` for a weight that is not between 1 and 1,000.
    """
    authorise_installation(actor)
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if not 1 <= weight <= HEAVIEST:
        message = f"A weight is a whole number from 1 to {HEAVIEST:,}."
        raise Invalid(message, fields={"weight": message})
    found, _ = Weight.objects.update_or_create(organisation=organisation, defaults={"weight": weight})
    record(
        Kind.WEIGHT_SET,
        actor=actor,
        organisation=organisation.pk,
        about=("organisation", organisation.pk),
        details={"weight": weight},
    )
    return found
