"""From what a request calls an object (its slug or its identifier) to the row, within the caller's reach."""

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from governance.accounts.models import Project, User
from governance.errors import Invalid

M = TypeVar("M", bound=Model)


def projects_of(actor: User) -> QuerySet[Project]:
    """The projects that the caller reaches."""
    return Project.objects.visible_to(actor).select_related("organisation")


def named(within_reach: QuerySet[M], name: str, *, field: str) -> M:
    """The one row that `name` is the slug or identifier of.

    Raises `Invalid` naming the request's field when there is none within reach, or several of this slug.
    """
    found = list(within_reach.filter(called(name))[:2])
    if len(found) == 1:
        return found[0]
    words = "Several have this slug: give the identifier." if found else "There is none of this name."
    raise Invalid(f"{field}: {words}", fields={field: words})


def called(name: str, *, via: str = "") -> Q:
    """The condition that an object has this slug or identifier; `via` is the relation that leads to it."""
    identifier = identifier_in(name)
    lead = f"{via}__" if via else ""
    return Q(**{f"{lead}slug": name} if identifier is None else {f"{lead}id": identifier})


def identifier_in(name: str) -> UUID | None:
    """The identifier, if the text is one in its usual form of 36 characters."""
    try:
        found = UUID(name)
    except ValueError:
        return None
    return found if str(found) == name.lower() else None
