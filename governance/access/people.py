"""Making and disabling people. Nobody is deleted: their name stands in the records."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from governance.access.gate import authorise_owner
from governance.accounts.models import Organisation, User
from governance.errors import Invalid, NotVisible, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record


@transaction.atomic
def create_person(email: str, *, actor: User, name: str, password: str | None, organisation: Organisation) -> User:
    """Make a person who may sign in; without roles they reach nothing yet.

    Raises `Invalid` for a malformed or taken address, an empty name or a weak password; `NotAllowed` for others than
    the organisation's platform owners and the set-up.
    """
    authorise_owner(actor, organisation=organisation)
    try:
        validate_email(email)
        if password is not None:
            validate_password(password)
    except ValidationError as problem:
        raise Invalid(" ".join(problem.messages), fields={"email": " ".join(problem.messages)}) from problem
    if not name.strip():
        raise Invalid("A printed name is needed.", fields={"name": "A printed name is needed."})
    if User.objects.filter(email__iexact=email).exists():
        raise Invalid("This address has an account already.", fields={"email": "This address has an account already."})
    person = User.objects.create_user(email, name.strip(), password)
    _record(Kind.PERSON_CREATED, actor, organisation, person)
    return person


@transaction.atomic
def disable_person(person: User, *, actor: User, organisation: Organisation) -> User:
    """Shut an account at once: sessions stop working and tokens are refused with the next request."""
    person = _locked(person, actor, organisation)
    if not person.is_active:
        raise WrongState(f"{person} is disabled already.")
    if person.pk == actor.pk:
        raise WrongState("Nobody disables their own account: ask another platform owner.")
    person.is_active = False
    person.save(update_fields=["is_active"])
    _record(Kind.PERSON_DISABLED, actor, organisation, person)
    return person


@transaction.atomic
def enable_person(person: User, *, actor: User, organisation: Organisation) -> User:
    """Open a disabled account again. Tokens that were revoked stay so."""
    person = _locked(person, actor, organisation)
    if person.is_active:
        raise WrongState(f"{person} is enabled already.")
    person.is_active = True
    person.save(update_fields=["is_active"])
    _record(Kind.PERSON_ENABLED, actor, organisation, person)
    return person


def _locked(person: User, actor: User, organisation: Organisation) -> User:
    authorise_owner(actor, organisation=organisation)
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.kind != User.Kind.PERSON or not _belongs(person, organisation):
        raise NotVisible("There is no such person.")
    return person


def _belongs(person: User, organisation: Organisation) -> bool:
    """Holds, or held, a role here, is in a team of it, or owns it."""
    held = person.grants.filter(project__organisation=organisation).exists()
    in_team = person.groups.filter(team__organisation=organisation).exists()
    return held or in_team or organisation.owners.filter(pk=person.pk).exists()


def _record(kind: Kind, actor: User, organisation: Organisation, person: User) -> None:
    record(
        kind,
        actor=actor,
        organisation=organisation.pk,
        about=("person", person.pk),
        details={"name": person.name, "email": person.email},
    )
