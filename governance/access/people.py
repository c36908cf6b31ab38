"""Making and disabling people. Nobody is deleted: their name stands in the records."""

from collections.abc import Callable

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from governance.access.owners import check_an_owner_stays, locked_for_owner
from governance.access.unique import unless_taken
from governance.accounts.models import Organisation, User
from governance.errors import Invalid, NotVisible, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import printable, storable
from governance.proof.standing import refuse_unless_standing


@transaction.atomic
def create_person(
    email: str, *, actor: User, name: str, password: str | None, organisation: Organisation
) -> User:
    """Make a person who may sign in; without roles they reach nothing yet.

    Raises `Invalid` for a malformed or taken address, an empty name or a weak password; `NotAllowed` for
    others than the organisation's platform owners and the set-up.
    """
    organisation = locked_for_owner(organisation, actor=actor)
    name = printable(name, longest=200, missing="A printed name is needed.")
    email = storable(email, field="email", longest=254)
    person = User(email=email, name=name)
    _check(validate_email, email, field="email")
    if password is not None:
        _check(lambda given: validate_password(given, person), password, field="password")
    with unless_taken("email", _taken(email, organisation)):
        person = User.objects.create_user(email, name, password, employer=organisation)
    _record(Kind.PERSON_CREATED, actor, organisation, person)
    return person


@transaction.atomic
def give_first_password(person: User, *, actor: User, organisation: Organisation, password: str) -> User:
    """Let a person sign in who has no password yet; before anything else they replace it by their own.

    Raises `Invalid` for a weak password, `WrongState` when there is one: nobody takes over an account.
    """
    person = _locked(person, actor, organisation)
    refuse_unless_standing(organisation.pk)
    if person.has_usable_password():
        raise WrongState(f"{person} has a password already.")
    _check(lambda given: validate_password(given, person), password, field="password")
    person.set_password(password)
    person.must_replace_password = True
    person.save(update_fields=["password", "must_replace_password"])
    _record(Kind.PERSON_PASSWORD_GIVEN, actor, organisation, person)
    return person


@transaction.atomic
def disable_person(person: User, *, actor: User, organisation: Organisation) -> User:
    """Shut an account at once: sessions stop working and tokens are refused with the next request.

    Raises `WrongState` for the own account, one that is shut, and the last platform owner's.
    """
    person = _locked(person, actor, organisation)
    if not person.is_active:
        raise WrongState(f"{person} is disabled already.")
    if person.pk == actor.pk:
        raise WrongState("Nobody disables their own account: ask another platform owner.")
    check_an_owner_stays(organisation, without=person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    _record(Kind.PERSON_DISABLED, actor, organisation, person)
    return person


@transaction.atomic
def enable_person(person: User, *, actor: User, organisation: Organisation) -> User:
    """Open a disabled account again. Tokens that were revoked stay so."""
    person = _locked(person, actor, organisation)
    refuse_unless_standing(organisation.pk)
    if person.is_active:
        raise WrongState(f"{person} is enabled already.")
    person.is_active = True
    person.save(update_fields=["is_active"])
    _record(Kind.PERSON_ENABLED, actor, organisation, person)
    return person


def _locked(person: User, actor: User, organisation: Organisation) -> User:
    """The organisation first, always, so that those who wait for each other wait in the same order."""
    locked_for_owner(organisation, actor=actor)
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.kind != User.Kind.PERSON or person.employer_id != organisation.pk:
        raise NotVisible("There is no such person.")
    return person


def _taken(email: str, organisation: Organisation) -> str:
    """What to say of a taken address: that there is an account, only to those who see it."""
    if User.objects.of(organisation).filter(email=email.lower()).exists():
        return "This address has an account already."
    return (
        "This address cannot be used. Take another one of the person, or ask whoever runs the installation."
    )


def _check(validate: Callable[[str], None], value: str, *, field: str) -> None:
    try:
        validate(value)
    except ValidationError as problem:
        raise Invalid(" ".join(problem.messages), fields={field: " ".join(problem.messages)}) from problem


def _record(kind: Kind, actor: User, organisation: Organisation, person: User) -> None:
    record(
        kind,
        actor=actor,
        organisation=organisation.pk,
        about=("person", person.pk),
        details={"name": person.name, "email": person.email},
    )
