"""API tokens: made once, shown once, stored as a hash, found by their prefix."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from governance.access.gate import resolve
from governance.access.models import ApiToken
from governance.access.permissions import Scope
from governance.accounts.models import Organisation, Project, User
from governance.errors import Invalid, NotVisible, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import printable
from governance.proof.standing import refuse_unless_standing

LONGEST_LIFE = timedelta(days=365)
MARK = "csn"
PRESENTED = re.compile(rf"\A{MARK}_([0-9a-f]{{12}})_([A-Za-z0-9_-]{{43}})\Z")


@transaction.atomic
def create_token(
    person: User,
    *,
    actor: User,
    organisation: Organisation,
    name: str,
    scopes: Collection[Scope],
    life: timedelta,
    project: Project | None = None,
) -> tuple[ApiToken, str]:
    """Make a token for oneself; returns it with the secret, which is shown this once.

    Raises `Invalid` for an empty name, no scope, or a life outside one minute to one year; `NotVisible` for
    somebody else's account or an organisation or project out of reach.
    """
    _check_reach(person, actor, organisation, project)
    refuse_unless_standing(organisation.pk)
    name = printable(name, longest=120, missing="Say what the token is for.")
    _check_terms(scopes, life)
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        person=person,
        organisation=organisation,
        project=project,
        name=name,
        prefix=prefix,
        secret_sha256=hashlib.sha256(secret.encode()).hexdigest(),
        scopes=sorted(scope.value for scope in scopes),
        expires_at=timezone.now() + life,
    )
    record(
        Kind.TOKEN_CREATED,
        actor=actor,
        organisation=organisation.pk,
        about=("token", token.pk),
        details={
            "name": token.name,
            "prefix": prefix,
            "scopes": token.scopes,
            "expires": token.expires_at.isoformat(),
        },
    )
    return token, f"{MARK}_{prefix}_{secret}"


def _check_reach(person: User, actor: User, organisation: Organisation, project: Project | None) -> None:
    """Raise `NotVisible` unless the person makes it for themselves, by no token, for what they reach."""
    reached = resolve(person)
    if actor.pk != person.pk or actor.token is not None or organisation.pk not in reached.organisations:
        raise NotVisible("There is no such organisation.")
    if project is not None and (
        project.pk not in reached.projects() or project.organisation_id != organisation.pk
    ):
        raise NotVisible("There is no such project.")


def _check_terms(scopes: Collection[Scope], life: timedelta) -> None:
    if not scopes:
        raise Invalid("Choose at least one scope.", fields={"scopes": "Choose at least one."})
    if not timedelta(minutes=1) <= life <= LONGEST_LIFE:
        raise Invalid(
            "A token lives for between one minute and one year.", fields={"days": "Between 1 and 365 days."}
        )


@transaction.atomic
def revoke_token(token: ApiToken, *, actor: User) -> ApiToken:
    """End a token of one's own at once. Raises `NotVisible` for another's, `WrongState` when it is over."""
    token = ApiToken.objects.select_for_update().get(pk=token.pk)
    if token.person_id != actor.pk:
        raise NotVisible("There is no such token.")
    if token.revoked_at is not None:
        raise WrongState("This token was revoked already.")
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    record(
        Kind.TOKEN_REVOKED,
        actor=actor,
        organisation=token.organisation_id,
        about=("token", token.pk),
        details={"prefix": token.prefix},
    )
    return token


def find_token(presented: str) -> ApiToken | None:
    """The usable token behind a presented secret, or nothing; compares in constant time. Notes its use."""
    parts = PRESENTED.match(presented)
    if parts is None:
        return None
    prefix, secret = parts.groups()
    token = ApiToken.objects.select_related("person").filter(prefix=prefix).first()
    digest = hashlib.sha256(secret.encode()).hexdigest()
    if token is None or not hmac.compare_digest(digest, token.secret_sha256):
        return None
    if not token.usable() or not token.person.is_active:
        return None
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token
