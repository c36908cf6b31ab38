"""The gates: `reach` answers what a person may read, `authorise` whether a person may write.

Grants are read from guardian's direct-foreign-key tables in one query (`sql/reach.sql`). Model-level
permissions and superuser status open nothing here: a tenant's data is reached through grants alone.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from guardian.shortcuts import get_objects_for_user

from governance.access.permissions import AssetPermission, Permission
from governance.accounts.models import Organisation, Project, User
from governance.errors import NotAllowed, NotVisible
from governance.ledger.reaching import answered_by
from governance.prepared import rows

M = TypeVar("M", bound=Model)
REACH = (Path(__file__).parent / "sql" / "reach.sql").read_bytes()
OWNER_PERMISSIONS = frozenset({Permission.VIEW, Permission.ADMINISTER})


@dataclass(frozen=True)
class Reach:
    """What one person may do where, resolved once."""

    permissions: Mapping[UUID, frozenset[str]]
    organisations: frozenset[UUID]
    owned: frozenset[UUID]

    def projects(self, permission: Permission = Permission.VIEW) -> frozenset[UUID]:
        """The projects on which the permission is held."""
        return frozenset(project for project, held in self.permissions.items() if permission in held)

    def allows(self, permission: Permission, project_id: UUID) -> bool:
        """Whether the permission is held on the project."""
        return permission in self.permissions.get(project_id, frozenset())


NOTHING = Reach({}, frozenset(), frozenset())

# By person and token: the same person reaches less through a token.
_resolved: ContextVar[dict[tuple[UUID, UUID | None], Reach] | None] = ContextVar(
    "resolved_reach", default=None
)


@contextmanager
def resolved_once() -> Iterator[None]:
    """Within this block (one request) each person's reach is read from the database once."""
    token = _resolved.set({})
    try:
        yield
    finally:
        _resolved.reset(token)


def reach(actor: User) -> Reach:
    """What the person may reach; nobody who is anonymous or disabled reaches anything."""
    known = _resolved.get()
    if known is None or actor.pk is None:
        return resolve(actor)
    key = (actor.pk, actor.token.pk if actor.token else None)
    if key not in known:
        known[key] = resolve(actor)
    return known[key]


answered_by(reach)


def resolve(actor: User) -> Reach:
    """The same, always asked of the database: what a write is decided by.

    So are whether the account is open and the token good now, whatever they were when the request began.
    """
    if not actor.is_active or actor.pk is None:
        return NOTHING
    asked = {"person": actor.pk, "token": actor.token.pk if actor.token else None}
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows(REACH, asked):
        found[row.how].append(row)
    held: dict[UUID, set[str]] = defaultdict(set)
    for row in (*found["held"], *found["owned"]):
        if row.project is not None:
            held[row.project].update(row.permissions or OWNER_PERMISSIONS)
    owned = frozenset(row.organisation for row in found["owned"])
    organisations = owned.union(row.organisation for row in found["held"])
    whole = Reach({project: frozenset(words) for project, words in held.items()}, organisations, owned)
    return whole if actor.token is None else _narrowed(whole, found["token"])


def _narrowed(whole: Reach, inside: Sequence[Any]) -> Reach:
    """An API token reaches no further than the organisation, and the project, that it was made for."""
    if not inside:
        return NOTHING
    projects = {row.project for row in inside}
    return Reach(
        {project: words for project, words in whole.permissions.items() if project in projects},
        whole.organisations & {inside[0].organisation},
        frozenset(),
    )


def authorise(
    actor: User,
    permission: Permission,
    *,
    project: Project,
    on: tuple[Model, AssetPermission] | None = None,
) -> None:
    """Let the write pass, or raise.

    `on` names a single object whose own grant is enough. Raises `NotVisible` when the person does not even
    see the project, `NotAllowed` (naming the permission) when they see it and may not do this.
    """
    found = resolve(actor)
    if found.allows(permission, project.pk) or (on is not None and holds(actor, on[1], on[0])):
        return
    if not found.allows(Permission.VIEW, project.pk):
        raise NotVisible("There is no such project.")
    words = dict(Project._meta.permissions).get(permission, str(permission))
    raise NotAllowed(
        f"This needs the permission “{words}” on {project}. A platform owner can grant it.",
        missing=permission,
    )


def authorise_owner(actor: User, *, organisation: Organisation) -> None:
    """Let a platform owner of the organisation, or the set-up, pass; else raise as `authorise` does."""
    if actor.is_set_up:
        return
    found = resolve(actor)
    if organisation.pk in found.owned:
        return
    if organisation.pk not in found.organisations:
        raise NotVisible("There is no such organisation.")
    raise NotAllowed("This needs a platform owner of the organisation.", missing="platform owner")


def authorise_installation(actor: User) -> None:
    """Let the installation's set-up actor pass, in whose name its command line acts. Raises `NotAllowed`."""
    if not actor.is_set_up:
        raise NotAllowed(
            "Only whoever installs Countersign may do this, on its command line.", missing="set-up"
        )


def holds(actor: User, permission: AssetPermission, thing: Model) -> bool:
    """Whether the person holds a grant on this single object."""
    if not User.objects.filter(pk=actor.pk, is_active=True).exists():
        return False
    return granted(actor, permission, type(thing)).filter(pk=thing.pk).exists()


def granted(actor: User, permission: AssetPermission, model: type[M]) -> QuerySet[M]:
    """The objects of `model` on which the person holds a grant of their own."""
    if not actor.is_active or actor.token is not None:
        return model._default_manager.none()
    found: QuerySet[M] = get_objects_for_user(
        actor, permission.value, klass=model, accept_global_perms=False, with_superuser=False
    )
    return found
